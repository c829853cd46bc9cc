//! A sheet becomes a runbook only when that was asked for, is driven, and goes out again with what became of it.

use crate::ground::{by, deploy, with};
use crate::support::sandbox::Sandbox;
use std::fs;

const SHEET: &str = "\
Task ID,Task Name,Assigned Team,Planned Duration (mins),Predecessors,Change ref
1,Freeze the old queue,Operator,15,,CHG-1
2,\"=HYPERLINK(\"\"http://x\"\")\",DB Team,30,1,
";

fn workspace(sheet: &[u8]) -> Sandbox {
    let s = with(&deploy("2.0.0"));
    s.write("plan.csv", sheet);
    s
}

#[test]
fn a_sheet_is_shown_then_written_then_driven_then_goes_out_again() {
    let s = workspace(SHEET.as_bytes());
    let shown = by(&s, "ana", &["import", "plan.csv"]).exits(0);
    for part in [
        "column \"Task ID\": id",
        "column \"Assigned Team\": owner",
        "column \"Change ref\": kept in the instructions",
        "there is no role for \"DB Team\": it stays in the instructions of 1 step",
        "nothing was written; `--write` makes runbooks/plan.toml",
    ] {
        assert!(shown.stderr.contains(part), "{part:?} is not in {}", shown.stderr);
    }
    assert!(shown.stdout.parse::<toml::Table>().is_ok() && !s.workspace().join("runbooks/plan.toml").exists());
    let written = by(&s, "ana", &["import", "plan.csv", "--write", "--role", "db team=operator"]).exits(0);
    assert_eq!(written.stdout.trim(), "runbooks/plan.toml");
    assert!(!written.stderr.contains("no role"), "{written:?}");
    let again = by(&s, "ana", &["import", "plan.csv", "--write"]).exits(1);
    assert!(again.stderr.contains("cannot write runbooks/plan.toml"), "{again:?}");
    by(&s, "ana", &["run", "start", "plan"]);
    by(&s, "ana", &["step", "done", "1", "1"]).exits(0);
    let sheet = by(&s, "ana", &["export", "--run", "1"]).exits(0).stdout;
    let mut reader = csv::Reader::from_reader(sheet.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let at = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!((&rows[0][at("state")], &rows[1][at("state")]), ("done", "running"));
    assert!(rows[0][at("ended")].ends_with('Z') && rows[1][at("ended")].is_empty(), "{sheet}");
    assert_eq!(&rows[1][at("task")], "'=HYPERLINK(\"http://x\")", "no spreadsheet takes it for a formula");
    assert_eq!(&rows[0][at("instructions")], "Change ref: CHG-1");
    let list = by(&s, "ana", &["export", "--run", "1", "--format", "markdown"]).exits(0).stdout;
    assert!(list.contains("- [x] Freeze the old queue\n") && list.contains("- [ ] =HYPERLINK("), "{list}");
    let all = by(&s, "ana", &["export", "day"]).exits(0).stdout;
    assert!(all.contains("deploy web prod version=2.0.0"), "{all}");
}

#[test]
fn what_cannot_be_read_is_refused_by_its_place_and_nothing_is_written() {
    let refused = |sheet: &[u8], arguments: &[&str], part: &str| {
        let s = workspace(sheet);
        let told = by(&s, "ana", &[&["import", "plan.csv", "--write"], arguments].concat()).exits(2);
        assert!(told.stderr.contains(part), "{part:?} is not in {}", told.stderr);
        assert!(!s.workspace().join("runbooks/plan.toml").exists(), "{arguments:?}");
    };
    refused(b"Task\nlook\ngr\xfc\xdfe\n", &[], "plan.csv:3: this is no UTF-8; save it as \"CSV UTF-8\"");
    refused(SHEET.as_bytes(), &["--column", "Nope=task"], "there is no column \"Nope\"; there are Task ID, ");
    refused(SHEET.as_bytes(), &["--column", "Task Name=tsk"], "a column is one of id, task, ");
    refused(SHEET.as_bytes(), &["--role", "x"], "--role x: write what stands there");
    refused(SHEET.as_bytes(), &["--zone", "Europe/Pariss"], "did you mean \"Europe/Paris\"?");
    refused(SHEET.as_bytes(), &["--name", "../plan"], "../plan");
    refused(b"ID,Task,After\n1,a,2\n2,b,1\n", &[], "these steps wait for each other");
    let s = workspace(b"");
    fs::write(s.workspace().join("plan.csv"), vec![b'a'; 9 << 20]).unwrap();
    assert!(by(&s, "ana", &["import", "plan.csv"]).exits(2).stderr.contains("larger than 8 MiB"));
    assert!(by(&s, "ana", &["import", "gone.csv"]).exits(2).stderr.contains("cannot read gone.csv"));
    assert!(by(&s, "ana", &["export", "dy"]).exits(2).stderr.contains("day"));
    assert!(by(&s, "ana", &["export", "--run", "7"]).exits(2).stderr.contains("there is no run 7"));
}
