//! A freeze that is written into the calendar while the screens are up.

use crate::ground::*;
use crate::support::until;
use chrono::{SecondsFormat, TimeDelta, Utc};
use std::time::Duration;

#[test]
fn a_freeze_added_in_the_middle_of_a_run_stops_the_next_deploy_and_names_itself_and_its_end() {
    let sandbox = started();
    let mut pty = conned(screens(&sandbox));
    arm(&mut pty);
    let (from, end) = (Utc::now() - TimeDelta::hours(1), Utc::now() + TimeDelta::hours(5));
    let text = |at: chrono::DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let freeze = format!(
        "[freezes.stock-take]\ntitle = \"Stock take\"\ncontact = \"finance\"\nstarts = \"{}\"\nends = \"{}\"\n",
        text(from),
        text(end)
    );
    sandbox.write("calendar/late.toml", freeze);
    let named =
        |screen: &str| screen.contains("freeze Stock take") && screen.contains(&end.format("%H:%M:%SZ").to_string());
    pty.wait_screen("the freeze and its end are named", Duration::from_secs(30), named);
    let before = lines(&sandbox).len();
    go(&sandbox);
    pty.keys("s");
    pty.wait_screen("the key is refused with it", Duration::from_secs(30), named);
    // Also for whoever goes around the screens.
    let refused = by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "lab"]).exits(3);
    assert!(refused.stderr.contains("Stock take") && refused.stderr.contains("finance"), "{refused:?}");
    assert_eq!(begun(&sandbox), 0);
    let noted = until(Duration::from_secs(20), || {
        let story = sandbox.holdpoint(&["journal", "show"]).stdout;
        story.contains("Stock take").then_some(())
    });
    assert!(noted.is_some() && lines(&sandbox).len() > before, "who drives writes down what changed");
    // Lifted in the file it still stands, until somebody adopts that; then the same key works.
    std::fs::remove_file(sandbox.workspace().join("calendar/late.toml")).unwrap();
    pty.keys("<Esc>");
    pty.wait_for(":adopt lets go what the files loosened: freeze Stock take");
    by(&sandbox, "ana", &["adopt", "--reason", "the stock take is over"]).exits(0);
    pty.wait_for("! ready");
    again(&mut pty);
    pty.wait_for("web 2.0 is live");
    assert_eq!(begun(&sandbox), 1);
}
