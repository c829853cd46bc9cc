//! One thing without a runbook: what is offered where, what is wrong with its arguments, which
//! step of a rollout it means, and what leaving checks out asks for.

use crate::world::World;
use holdpoint::domain::backend::{AlertmanagerSpec, ArgoCdSpec, BackendKind, BackendSpec, KubernetesSpec};
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::command::{Command, Consent, StepCommand};
use holdpoint::domain::name::{BackendName, RunId};
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::one_off::OneOff;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::report::{Receipt, Report};
use holdpoint::domain::span::Span;
use holdpoint::domain::stages::Stages;
use holdpoint::engine::{adhoc, consent};

/// A world in which web, in prod, lies there in a cluster.
fn placed(scope: &str) -> World {
    let mut world = World::new();
    let of = |name: &str, kind| BackendSpec { name: name.into(), every: Span::secs(5), kind };
    world.workspace.backends.insert("eu".into(), of("eu", BackendKind::Kubernetes(KubernetesSpec::default())));
    let web = world.workspace.services.get_mut("web").unwrap();
    web.deployed_by.insert("prod".into(), BackendName::new("eu"));
    web.scopes.insert("prod".into(), scope.to_owned());
    world
}

fn rollout() -> World {
    let mut world = placed("shop/rollout/web#web");
    let stages = Stages { step: Some((2, 5)), doing: "pause".to_owned(), ..Stages::default() };
    let live = Deployment {
        version: "1.0".to_owned(),
        candidate: Some("2.0".to_owned()),
        stages: Some(stages),
        ..Deployment::default()
    };
    world.see(Observation::Deployment(("web".into(), "prod".into()), live.into()));
    world
}

fn one(verb: Verb, args: &[(&str, &str)]) -> OneOff {
    let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    OneOff { verb, service: "web".into(), environment: "prod".into(), args }
}

fn offered(world: &World) -> Vec<String> {
    let all = adhoc::offered(&world.workspace, &"web".into(), &"prod".into());
    all.iter().map(|(verb, takes)| adhoc::with(*verb, takes)).collect()
}

/// Why it is not planned.
fn refused(world: &World, what: &OneOff) -> String {
    adhoc::plan(&world.given(), what).expect_err("a refusal").to_string()
}

/// What would be sent.
fn sent(world: &World, what: &OneOff) -> String {
    adhoc::plan(&world.given(), what).unwrap().steps[0].operation().unwrap().to_string()
}

#[test]
fn what_is_offered_is_said_by_kind_of_workload() {
    assert_eq!(
        offered(&placed("shop/deployment/web")),
        [
            "deploy version=… [image=…]",
            "pause",
            "resume",
            "scale replicas=N",
            "restart [version=…]",
            "mend [of=…] [version=…]",
            "snapshot"
        ]
    );
    assert_eq!(
        offered(&placed("shop/daemonset/web#x")).join("; "),
        "deploy version=… [image=…]; restart [version=…]; mend [of=…] [version=…]; snapshot"
    );
    let rollout = offered(&rollout()).join("; ");
    for words in ["promote [how=step|skip|full] [step=N]", "abort [version=…]", "resume [how=retry]", "pause; "] {
        assert!(rollout.contains(words), "{words}: {rollout}");
    }
    // Traffic by hand only where it is said who gets it, and nobody else gives it.
    let routed = offered(&placed("shop/deployment/web#web>httproute/web=web-canary")).join("; ");
    assert!(
        routed.contains("abort [to=…]; scale")
            && routed.contains("shift weight=PERCENT; mend [of=…] [version=…]; snapshot"),
        "{routed}"
    );
    assert!(!rollout.contains("mend"), "{rollout}");
    for other in ["deployment/web>httproute/web", "rollout/web>httproute/web=web-canary"] {
        assert!(!offered(&placed(other)).join("; ").contains("shift"), "{other}");
    }
    let said = refused(&placed("deployment/web>httproute/web=web-canary"), &one(Verb::Shift, &[("weight", "101")]));
    assert!(said.contains("weight is a share in percent, from 0 to 100, not \"101\""), "{said}");
    let canary = offered(&placed("canary/web")).join("; ");
    assert!(canary.contains("promote [how=full] [gate=confirm-rollout|") && !canary.contains("scale"), "{canary}");
    let mut argo = placed("");
    argo.workspace.backends.get_mut("eu").unwrap().kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    assert!(offered(&argo).contains(&"resume [prune=true|false] [self-heal=true|false]".to_owned()));
    assert_eq!(offered(&argo)[0], "deploy version=… [revision=…] [prune=true|false]");
    // What the deployer cannot, the only one that can is asked for.
    let spec = BackendKind::Alertmanager(AlertmanagerSpec::default());
    argo.workspace.backends.insert("am".into(), BackendSpec { name: "am".into(), every: Span::secs(5), kind: spec });
    assert!(offered(&argo).iter().any(|verb| verb.starts_with("silence [duration=30m]")), "{:?}", offered(&argo));
}

#[test]
fn arguments_are_checked_all_at_once_and_what_is_not_offered_lists_what_is() {
    let world = placed("shop/deployment/web");
    let said = refused(&world, &one(Verb::Scale, &[("replica", "3")]));
    assert!(said.contains("scale takes no argument replica; it takes replicas=N"), "{said}");
    assert!(said.contains("scale needs replicas=N"), "{said}");
    let said = refused(&world, &one(Verb::Scale, &[("replicas", "many")]));
    assert!(said.contains("replicas is a whole number, not \"many\""), "{said}");
    let said = refused(&world, &one(Verb::Promote, &[]));
    assert!(
        said.contains("eu offers no promote for web in prod; it offers deploy") && said.contains("restart"),
        "{said}"
    );
    assert!(refused(&world, &one(Verb::Run, &[])).contains("offers no run"));
    assert_eq!(sent(&world, &one(Verb::Scale, &[("replicas", "3")])), "scale web prod replicas=3");
}

#[test]
fn an_action_of_an_argo_cd_is_planned_with_what_it_is_of_and_its_parameters() {
    let mut world = placed("");
    world.workspace.backends.get_mut("eu").unwrap().kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    let told = "action action=… kind=… name=… [namespace=…] [group=…] [parameter-NAME=…]".to_owned();
    assert!(offered(&world).contains(&told), "{:?}", offered(&world));
    let restart = [("action", "restart"), ("kind", "Deployment"), ("name", "api")];
    assert_eq!(sent(&world, &one(Verb::Action, &restart)), "action web prod action=restart kind=Deployment name=api");
    // The core's group, and a parameter that only Argo CD knows.
    let more = [("group", ""), ("parameter-replicas", "3")];
    assert!(sent(&world, &one(Verb::Action, &[&restart[..], &more].concat())).contains("parameter-replicas=3"));
    let said = refused(&world, &one(Verb::Action, &[("action", " "), ("parameter-", "3"), ("nam", "api")]));
    for words in [
        "action is something, not \" \"",
        "action needs kind=…",
        "action needs name=…",
        "action takes no argument parameter-; it takes action=…",
        "action takes no argument nam;",
        "parameter-NAME=…",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[test]
fn one_step_of_a_rollout_is_the_one_that_it_is_seen_at() {
    let mut world = rollout();
    assert_eq!(sent(&world, &one(Verb::Promote, &[("how", "step")])), "promote web prod step=2");
    assert_eq!(sent(&world, &one(Verb::Promote, &[("how", "skip")])), "promote web prod how=skip step=2");
    assert_eq!(sent(&world, &one(Verb::Promote, &[("how", "step"), ("step", "4")])), "promote web prod step=4");
    let said = refused(&world, &one(Verb::Promote, &[("how", "step"), ("weight", "50")]));
    assert!(said.contains("leave out how, or weight"), "{said}");
    world.pass(world.now + Span::mins(5).delta());
    let said = refused(&world, &one(Verb::Promote, &[("how", "step")]));
    assert!(said.contains("is not known; name it with step=N"), "{said}");
}

#[test]
fn what_leaves_checks_out_is_agreed_to_by_naming_the_service_too() {
    let mut world = rollout();
    // Also where an environment asks for nothing.
    world.workspace.environments.get_mut("prod").unwrap().confirm = Confirmation::None;
    let what = one(Verb::Promote, &[("how", "full")]);
    let plan = adhoc::plan(&world.given(), &what).unwrap();
    let operation = plan.steps[0].operation().unwrap();
    assert_eq!(
        (adhoc::asks(&world.given(), operation), adhoc::typed(operation).as_str()),
        (Confirmation::Challenge, "web@prod")
    );
    let asked = |level: Option<Confirmation>| Command::Do {
        what: what.clone(),
        reason: "it is well".to_owned(),
        consent: level.map(|level| Consent { level, saw: plan.digest(), how: "typed".to_owned() }),
    };
    let said = |world: &mut World, command: &Command| world.command("ana", command).refusal.map(|r| r.to_string());
    assert!(said(&mut world, &asked(None)).unwrap().contains("leaves checks out: web@prod must be typed"));
    assert!(said(&mut world, &asked(Some(Confirmation::Confirm))).unwrap().contains("stronger"));
    assert_eq!(said(&mut world, &asked(Some(Confirmation::Challenge))), None);
    // One step asks for no more than the environment does.
    let step = adhoc::plan(&world.given(), &one(Verb::Promote, &[("how", "step")])).unwrap();
    assert_eq!(adhoc::asks(&world.given(), step.steps[0].operation().unwrap()), Confirmation::None);
}

#[test]
fn what_would_be_ignored_or_is_missing_beside_others_is_refused() {
    let mut world = rollout();
    for odd in ["step", "weight"] {
        let said = refused(&world, &one(Verb::Promote, &[("how", "full"), (odd, "3")]));
        assert!(said.contains(&format!("how=full goes all the way, and takes no {odd}")), "{said}");
    }
    let said = refused(&world, &one(Verb::Resume, &[("version", "2.0")]));
    assert!(said.contains("resume takes a version only with how=retry"), "{said}");
    assert_eq!(
        sent(&world, &one(Verb::Resume, &[("version", "2.0"), ("how", "retry")])),
        "resume web prod how=retry version=2.0"
    );
    let spec = BackendKind::Alertmanager(AlertmanagerSpec::default());
    world.workspace.backends.insert("am".into(), BackendSpec { name: "am".into(), every: Span::secs(5), kind: spec });
    let said = refused(&world, &one(Verb::Silence, &[]));
    assert!(said.contains("silence needs duration=30m, or end=now"), "{said}");
    // Only a cluster's steps are looked up.
    world.workspace.backends.get_mut("eu").unwrap().kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    let said = refused(&world, &one(Verb::Deploy, &[]));
    assert!(said.contains("deploy needs version="), "{said}");
}

#[test]
fn giving_up_what_is_on_its_way_takes_the_authority_to_roll_back() {
    let mut world = rollout();
    let what = one(Verb::Abort, &[]);
    let saw = adhoc::plan(&world.given(), &what).unwrap().digest();
    let consent = Some(Consent { level: Confirmation::Challenge, saw, how: "typed".to_owned() });
    let command = Command::Do { what, reason: "it fails".to_owned(), consent };
    let said = world.command("tom", &command).refusal.expect("a refusal").to_string();
    assert!(said.contains("may not roll back") || said.contains("authority"), "{said}");
    assert_eq!(world.command("ana", &command).refusal, None);
}

#[test]
fn what_leaves_checks_out_is_not_tried_again_by_a_weaker_word() {
    let mut world = rollout();
    world.workspace.environments.get_mut("prod").unwrap().confirm = Confirmation::None;
    let what = one(Verb::Promote, &[("how", "full")]);
    let saw = adhoc::plan(&world.given(), &what).unwrap().digest();
    let consent = Some(Consent { level: Confirmation::Challenge, saw, how: "typed".to_owned() });
    let command = Command::Do { what, reason: "it is well".to_owned(), consent };
    assert_eq!(world.command("ana", &command).refusal, None);
    let intent = world.ledger.run(RunId(1)).unwrap().steps["promote"].intent.unwrap();
    world.report(intent, &Report::Partly { done: 1, of: 2, receipt: Receipt::default() });
    let run = world.ledger.run(RunId(1)).unwrap();
    let saw = consent::digest(run, &run.plan.steps[0]);
    for agreed in [None, Some(Consent { level: Confirmation::Challenge, saw, how: "typed".to_owned() })] {
        let retry = Command::Step(RunId(1), "promote".into(), StepCommand::Retry(agreed));
        let said = world.command("ana", &retry).refusal.expect("a refusal").to_string();
        assert!(said.contains("leaves checks out, and so is asked for anew"), "{said}");
    }
}

#[test]
fn a_mend_that_brings_another_version_is_told_with_its_way_back() {
    let world = placed("shop/deployment/web");
    let undo =
        |args: &[(&str, &str)]| adhoc::plan(&world.given(), &one(Verb::Mend, args)).unwrap().steps[0].undo.clone();
    assert_eq!(undo(&[("of", "3f9a1c0d"), ("version", "1.0")]), "holdpoint rollback web --env prod");
    assert_eq!(undo(&[("of", "3f9a1c0d")]), "");
}
