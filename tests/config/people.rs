//! Who signs, and who may leave an approval out, as the files say it.

use super::Dir;

const LINE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINSOZHmRlc9ueH20SIi5Z6EH2uefGoJU20Oo3t3UNtFH";
const FINGERPRINT: &str = "SHA256:ZsFBYvXp92mXJxSDMc5x+JWcdjDYUypRY0aiB0L94NY";

/// The good workspace for real, with these keys of bo and of kim, and a runbook of one step.
fn dir(bo: &str, kim: &str, step: &str) -> Dir {
    let dir = Dir::good();
    let file = dir.text("holdpoint.toml");
    let file = file.replace("purpose = \"rehearsal\"", "purpose = \"real\"");
    let file = file.replace("logins = [\"bo\"]", &format!("logins = [\"bo\"]\nkeys = [{bo}]"));
    let file = file.replace("logins = [\"kim\"]", &format!("logins = [\"kim\"]\nkeys = [{kim}]"));
    let file =
        file.replace("[roles.ops]", "[roles.signs]\nproof = \"signed\"\npeople = [\"kim\", \"ana\"]\n[roles.ops]");
    dir.put("holdpoint.toml", file);
    dir.put("runbooks/short.toml", format!("title = \"Short\"\n[[steps]]\nid = \"1\"\ntitle = \"one\"\n{step}\n"));
    dir
}

/// What is wrong, if anything.
fn wrong(dir: &Dir) -> String {
    dir.load().err().map(|problems| problems.to_string()).unwrap_or_default()
}

#[test]
fn a_key_is_one_person_s_in_whatever_form_it_is_written() {
    let forms =
        [LINE.to_owned(), format!("{LINE} bo@laptop"), format!("  {LINE}  another comment"), FINGERPRINT.to_owned()];
    for (bo, kim) in forms.iter().flat_map(|bo| forms.iter().map(move |kim| (bo, kim))) {
        let dir = dir(&format!("{bo:?}"), &format!("{kim:?}"), "kind = \"milestone\"");
        let wrong = wrong(&dir);
        assert!(wrong.contains("belongs to a second person"), "{bo} and {kim}: {wrong:?}");
    }
    let other = FINGERPRINT.replace('Z', "Y");
    assert_eq!(wrong(&dir(&format!("{LINE:?}"), &format!("{other:?}"), "kind = \"milestone\"")), "");
}

#[test]
fn an_approval_is_left_out_only_where_the_runbook_says_so() {
    let may = |step: &str| {
        let workspace = dir("", &format!("{LINE:?}"), step).load().unwrap_or_else(|e| panic!("{e}")).workspace;
        workspace.runbooks["short"].steps[0].may_skip
    };
    let approval = "kind = \"approval\"\nslots = [{ role = \"signs\" }]";
    assert!(!may(approval));
    assert!(may(&format!("{approval}\nmay_skip = true")));
    assert!(may("kind = \"manual\""));
}

#[test]
fn what_nobody_has_the_keys_to_confirm_is_a_mistake_of_the_file() {
    let manual = "kind = \"manual\"\ngate = { all = [{ manual = { role = \"signs\", text = \"lights green\" } }] }";
    assert_eq!(wrong(&dir("", &format!("{LINE:?}"), manual)), "");
    let wrong = wrong(&dir("", "", manual));
    assert!(wrong.contains("1 people of signs must sign, and 0 of them have `keys`"), "{wrong:?}");
}

#[test]
fn places_that_take_more_people_than_there_are_behind_their_roles_are_a_mistake() {
    let slots = |slots: &str| dir("", "", &format!("kind = \"approval\"\nslots = [{slots}]"));
    // Business is bo, ops is kim and bo.
    let (business, ops, both) = ("{ role = \"business\" }", "{ role = \"ops\" }", "{ role = \"ops\", need = 2 }");
    assert_eq!(wrong(&slots(&format!("{business}, {ops}"))), "");
    let wrong = wrong(&slots(&format!("{business}, {both}")));
    assert!(wrong.contains("3 different people must approve, and their roles have 2"), "{wrong:?}");
}
