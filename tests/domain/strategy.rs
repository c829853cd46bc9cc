//! Which way to release fits: every set of answers has one, with its reasons, and every way is some answer's.

use holdpoint::domain::strategy::{Answers, Changes, Soon, Template, Traffic, fits};
use std::collections::BTreeSet;

fn every() -> Vec<Answers> {
    let mut all = Vec::new();
    for changes in [Changes::Code, Changes::Jobs, Changes::Database, Changes::Messages, Changes::Supplier] {
        for soon in [Soon::Planned, Soon::Today, Soon::Now] {
            for traffic in [Traffic::Shares, Traffic::Switch, Traffic::Instances] {
                for (side_by_side, places) in [(true, true), (true, false), (false, true), (false, false)] {
                    all.push(Answers { changes, soon, side_by_side, traffic, places });
                }
            }
        }
    }
    all
}

#[test]
fn every_answer_leads_somewhere_and_every_release_is_led_to() {
    let all = every();
    let reached: BTreeSet<_> = all.iter().map(|answers| fits(*answers).0).collect();
    // Drills are chosen by name: nobody is led to one who has something to release.
    let drills = [Template::RollbackDrill, Template::RestoreExercise, Template::DisasterRecoveryDrill];
    let missing: Vec<_> = Template::ALL.into_iter().filter(|t| !reached.contains(t) && !drills.contains(t)).collect();
    assert!(missing.is_empty() && drills.iter().all(|drill| !reached.contains(drill)), "{missing:?}");
    for answers in all {
        let (template, why) = fits(answers);
        assert!(why[0].starts_with(template.name()), "{answers:?}: {why:?}");
        assert_eq!(why.iter().collect::<BTreeSet<_>>().len(), why.len(), "{answers:?}: {why:?}");
    }
}

#[test]
fn what_is_dangerous_is_never_lost_behind_another_answer() {
    for answers in every() {
        let (template, why) = fits(answers);
        let said = why.join("\n");
        if answers.changes == Changes::Database {
            assert_eq!(template, Template::DatabaseExpandContract, "data cannot be deployed back, however soon");
        }
        if answers.soon == Soon::Now && answers.changes != Changes::Database {
            assert_eq!(template, Template::EmergencyChange, "{answers:?}");
        }
        let shared = matches!(template, Template::Rolling | Template::Canary | Template::MultiRegion);
        assert!(answers.side_by_side || !shared, "old and new would run side by side: {answers:?}");
        assert!(answers.side_by_side || said.contains("side by side"), "{answers:?}: {said}");
        assert!(!answers.places || said.contains("several places"), "{answers:?}: {said}");
    }
}
