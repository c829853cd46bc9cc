//! What a rollback costs besides, by what is live and by what a run has brought.

use crate::world::World;
use holdpoint::domain::name::{EnvironmentName, ServiceName};
use holdpoint::engine::loss::{self, Loss};
use holdpoint::engine::rollback::Back;
use holdpoint::report::loss::lines;

fn back(service: &str, from: Option<&str>) -> Back {
    let (service, environment) = (ServiceName::new(service), EnvironmentName::new("prod"));
    let from = from.map(str::to_owned);
    Back { service, environment, from, to: "1.0".to_owned(), version: true, weights: None }
}

fn of(back: &[Back]) -> Loss {
    loss::of(&World::new().given(), None, back)
}

#[test]
fn what_cannot_go_back_stands_before_what_is_lost_and_what_stays() {
    let said = |from| lines(&of(&[back("web", from)]));
    assert_eq!(
        said(Some("9.0"))[0],
        ("heed", "CANNOT GO BACK by what the catalogue says: web 9.0: 1.0 cannot read its rows".to_owned())
    );
    assert_eq!(said(Some("8.0"))[0], ("loses", "reconcile afterwards".to_owned()));
    for unknown in [Some("7.0"), None] {
        assert_eq!(said(unknown)[0], ("loses", "nothing that the catalogue knows of".to_owned()));
    }
}

#[test]
fn what_stands_on_what_goes_back_is_named_unless_it_goes_back_too() {
    let services = World::new().workspace.services;
    let on: Vec<&str> =
        services.values().filter(|s| s.depends_on.contains(&"db".into())).map(|s| s.name.as_str()).collect();
    assert!(!on.is_empty(), "{services:?}");
    let stay: Vec<String> = on.iter().map(|name| format!("{name} in prod")).collect();
    assert_eq!(of(&[back("db", None)]).stay, stay);
    let all: Vec<Back> = on.iter().chain(&["db"]).map(|name| back(name, None)).collect();
    assert!(!of(&all).stay.iter().any(|text| stay.contains(text)), "{:?}", of(&all));
}
