//! A step that has an Argo CD run an action: what its dry run shows is what is sent, once.

use crate::argo_server::ArgoCd;
use crate::support::ground::{by, team, word};
use crate::support::sandbox::Sandbox;

#[test]
fn a_step_runs_an_action_and_its_preview_says_so_first() {
    let server = ArgoCd::start();
    server.put("web");
    let sandbox = Sandbox::new();
    let (url, token) = (server.url(), server.token_file());
    let more = format!(
        "[backends.argo]\nkind = \"argocd\"\nevery = \"1s\"\nurl = \"{url}\"\ntoken = {{ file = {token:?} }}\n"
    );
    team(&sandbox, &more);
    sandbox.write("services.toml", "[services.web]\ndeployed_by = { prod = \"argo\" }\n");
    let runbook = "title = \"New pods\"\n[[steps]]\nid = \"1\"\ntitle = \"Restart\"\nkind = \"action\"\nverb = \"action\"\n\
        service = \"web\"\nenvironment = \"prod\"\nargs = { action = \"restart\", kind = \"Pod\", name = \"api-1\" }\n";
    sandbox.write("runbooks/day.toml", runbook);
    // Whatever it does, it goes forward: it needs what production needs.
    let said = by(&sandbox, "ana", &["may", "action", "web", "prod"]);
    assert!(said.stdout.contains("action web prod"), "{}{}", said.stdout, said.stderr);
    by(&sandbox, "ana", &["run", "start", "day"]).exits(0);
    let said = by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod", "--dry-run"]);
    for words in ["its action restart of Pod api/api-1", "needs `applications, action//Pod/restart`", "not taken back"]
    {
        assert!(said.stdout.contains(words), "{words}: {}{}", said.stdout, said.stderr);
    }
    assert_eq!(server.sent(), [""; 0]);
    by(&sandbox, "ana", &["step", "start", "1", "1"]).exits(3);
    assert_eq!(server.sent(), [""; 0]);
    by(&sandbox, "ana", &["step", "start", "1", "1", "--confirm", "prod"]).exits(0);
    assert_eq!(word(&sandbox, "1"), "done");
    assert_eq!(server.sent(), ["POST web/resource/actions/v2"]);
}
