//! Who a backend says it is stands in the details of each place that it tells of; where it says nothing,
//! nothing stands there.

use crate::actions::Desk;
use crate::ground::{self, Lines};
use chrono::TimeDelta;
use holdpoint::domain::introduced::{Identity, Introduced};
use holdpoint::domain::observed::{Observation, Placed, Stamped};
use holdpoint::domain::span::Span;
use holdpoint::runtime::input::Update;
use holdpoint::tui::action::{Action, Pane};
use std::sync::Arc;

/// The details of a place whose backend said this of itself.
fn details(who: Option<Introduced>) -> String {
    let workspace = ground::workspace(2, 1);
    let mut lines = Lines::opened();
    lines.run(&workspace, ground::plan(30));
    let mut desk = Desk::within(workspace, lines);
    let now = desk.model.derived.at + TimeDelta::seconds(1);
    let place: Placed = ("svc-000".into(), "place-00".into());
    let all = vec![(place.clone(), Arc::new(ground::deployment("4.1.9")))];
    let told = [Observation::Deployments(all)].into_iter().chain(who.map(|who| Observation::Introduced(Arc::new(who))));
    let seen = |what| Stamped { at: now, source: "units".into(), every: Span::secs(5), what: Ok(what) };
    desk.model.take(Update::Seen(Arc::new(told.map(seen).collect())));
    desk.model.refresh(now);
    desk.ui.pane = Pane::Health;
    desk.ui.target = Some(place);
    desk.act(Action::Open);
    desk.screen(200, 50)
}

#[test]
fn the_details_of_a_place_say_who_tells_of_it() {
    let who = |identity| Introduced { name: "systemd.py".to_owned(), version: "2".to_owned(), identity };
    let told = |who: &str| Identity::Told { who: who.to_owned(), until: Some(ground::start() + TimeDelta::days(90)) };
    let ended = Identity::Told { who: "bot".to_owned(), until: Some(ground::start() - TimeDelta::days(1)) };
    for (said, shown) in [
        (who(Identity::Untold), "told by  systemd.py 2; whom it acts as it does not tell"),
        (who(told("bot")), "told by  systemd.py 2; acts as bot, until 20"),
        (who(ended), "it has ended; renew it"),
        (who(Identity::Unread("it is 5".to_owned())), "whom it says it acts as cannot be read: it is 5"),
    ] {
        let screen = details(Some(said.clone()));
        assert!(screen.contains(shown), "{said:?}:\n{screen}");
    }
    let screen = details(None);
    assert!(screen.contains("seen 0s ago by units") || screen.contains("by units"), "{screen}");
    assert!(!screen.contains("told by"), "{screen}");
}
