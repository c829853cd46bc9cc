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
    let file = file.replace("[roles.ops]", "[roles.signs]\nproof = \"signed\"\npeople = [\"kim\", \"ana\"]\n[roles.ops]");
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
    let forms = [LINE.to_owned(), format!("{LINE} bo@laptop"), format!("  {LINE}  another comment"), FINGERPRINT.to_owned()];
    for (bo, kim) in forms.iter().flat_map(|bo| forms.iter().map(move |kim| (bo, kim))) {
        let dir = dir(&format!("{bo:?}"), &format!("{kim:?}"), "kind = \"milestone\"");
        let wrong = wrong(&dir);
        assert!(wrong.contains("belongs to a second person"), "{bo} and {kim}: {wrong:?}");
    }
    let other = FINGERPRINT.replace('Z', "Y");
    assert_eq!(wrong(&dir(&format!("{LINE:?}"), &format!("{other:?}"), "kind = \"milestone\"")), "");
}
