//! One thing without a runbook: what is offered where, what is wrong with its arguments, which
//! step of a rollout it means, and what leaving checks out asks for.

use crate::world::World;
use holdpoint::domain::backend::{AlertmanagerSpec, ArgoCdSpec, BackendKind, BackendSpec, KubernetesSpec};
use holdpoint::domain::catalogue::Confirmation;
use holdpoint::domain::command::{Command, Consent};
use holdpoint::domain::name::BackendName;
use holdpoint::domain::observed::{Deployment, Observation};
use holdpoint::domain::one_off::OneOff;
use holdpoint::domain::operation::Verb;
use holdpoint::domain::span::Span;
use holdpoint::domain::stages::Stages;
use holdpoint::engine::adhoc;

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
        ["deploy version=… [image=…]", "pause", "resume", "scale replicas=N", "restart [version=…]", "snapshot"]
    );
    assert_eq!(
        offered(&placed("shop/daemonset/web#x")).join("; "),
        "deploy version=… [image=…]; restart [version=…]; snapshot"
    );
    let rollout = offered(&rollout()).join("; ");
    for words in ["promote [how=step|skip|full] [step=N]", "abort [version=…]", "resume [how=retry]", "pause; "] {
        assert!(rollout.contains(words), "{words}: {rollout}");
    }
    let canary = offered(&placed("canary/web")).join("; ");
    assert!(canary.contains("promote [how=full] [gate=confirm-rollout|") && !canary.contains("scale"), "{canary}");
    let mut argo = placed("");
    argo.workspace.backends.get_mut("eu").unwrap().kind = BackendKind::ArgoCd(ArgoCdSpec::default());
    assert!(offered(&argo).contains(&"resume [prune=true|false] [self-heal=true|false]".to_owned()));
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
    let asked = |named: bool, level: Option<Confirmation>| Command::Do {
        what: what.clone(),
        reason: "it is well".to_owned(),
        consent: level.map(|level| Consent { level, saw: plan.digest(), how: "typed".to_owned() }),
        named,
    };
    let said = |world: &mut World, command: &Command| world.command("ana", command).refusal.map(|r| r.to_string());
    assert!(said(&mut world, &asked(true, None)).unwrap().contains("web@prod must be typed"));
    assert!(said(&mut world, &asked(true, Some(Confirmation::Confirm))).unwrap().contains("stronger"));
    let no = said(&mut world, &asked(false, Some(Confirmation::Challenge))).unwrap();
    assert!(no.contains("leaves checks out: web@prod must be typed"), "{no}");
    assert_eq!(said(&mut world, &asked(true, Some(Confirmation::Challenge))), None);
    // One step asks for no more than the environment does.
    let step = adhoc::plan(&world.given(), &one(Verb::Promote, &[("how", "step")])).unwrap();
    assert_eq!(adhoc::asks(&world.given(), step.steps[0].operation().unwrap()), Confirmation::None);
}
