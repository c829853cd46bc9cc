//! Plans that are kept elsewhere: what is understood, what is refused and with which line, and that nothing is lost on the way
//! out and in again.

use super::{Dir, now};
use holdpoint::config::import::{Field, Imported, Told, import};
use holdpoint::config::{Loaded, check_runbook};
use holdpoint::domain::plan::{At, Kind, Need, Plan};
use holdpoint::report::sheet;
use proptest::prelude::*;

fn told(file: &str) -> Told {
    Told { file: file.to_owned(), ..Told::default() }
}

fn read(dir: &Dir, text: &str, told: &Told) -> Result<Imported, String> {
    let workspace = dir.load().unwrap().workspace;
    import(&workspace, text, told).map_err(|problems| problems.to_string())
}

/// The plan that a file becomes, and what was said of it.
fn plan(text: &str, told: &Told) -> (Plan, Imported) {
    let dir = Dir::good();
    let imported = read(&dir, text, told).unwrap_or_else(|wrong| panic!("{wrong}\n{text}"));
    let loaded: Loaded = check_runbook(dir.path(), "sheet", imported.text.clone(), now())
        .unwrap_or_else(|wrong| panic!("{wrong}\n{}", imported.text));
    (loaded.workspace.runbooks["sheet"].clone(), imported)
}

fn refused(text: &str, told: &Told, part: &str) {
    let wrong = read(&Dir::good(), text, told).expect_err(text);
    assert!(wrong.contains(part), "{part:?} is not in:\n{wrong}");
}

fn needs(plan: &Plan, step: &str) -> Vec<String> {
    let needs = &plan.step(&step.into()).unwrap().needs;
    needs.iter().map(|need| if let Need::Step(name) = need { name.to_string() } else { panic!() }).collect()
}

fn minutes(plan: &Plan, step: &str) -> i64 {
    let Some(At::Offset(millis)) = plan.step(&step.into()).unwrap().at else { panic!("{step} has no offset") };
    millis / 60_000
}

const CUTOVER: &str = "\
Payments cutover,,,,,,,,\r
Task ID,Task Name,Assigned Team,Planned Start,Planned Duration (mins),Predecessors,Description,Task Type,Status\r
1,Freeze the old queue,Ops,21/11/2026 02:00,15,,\"Stop the writers,\nthen look at the lag\",Task,Not started\r
2,Copy what is left,DB Team,21/11/2026 02:15,30,1FS,,Task,Not started\r
3,\"Go, or no go\",Release Manager,21/11/2026 02:45,5,\"1, 2\",,Go/No-Go,Not started\r
4,Open the new one,ops,21/11/2026 02:50,10,3,,Task,Not started\r
";

#[test]
fn a_cutover_sheet_is_understood_by_its_heads() {
    let (plan, imported) = plan(CUTOVER, &told("payments.csv"));
    assert_eq!(plan.title, "Payments cutover");
    assert_eq!(plan.t0.unwrap().to_rfc3339(), "2026-11-21T01:00:00+00:00", "two at night in Paris");
    let titles: Vec<_> = plan.steps.iter().map(|step| step.title.as_str()).collect();
    assert_eq!(titles, ["Freeze the old queue", "Copy what is left", "Go, or no go", "Open the new one"]);
    assert_eq!(["1", "2", "3", "4"].map(|step| minutes(&plan, step)), [0, 15, 45, 50]);
    assert_eq!((needs(&plan, "2"), needs(&plan, "3")), (vec!["1".to_owned()], vec!["1".to_owned(), "2".to_owned()]));
    let first = &plan.steps[0];
    assert_eq!(first.owner.as_ref().unwrap().as_str(), "ops");
    assert_eq!(first.takes.unwrap().to_text(), "15m");
    assert_eq!(first.instructions, "Stop the writers,\nthen look at the lag\nStatus: Not started");
    assert_eq!(plan.steps[2].kind, Kind::Hold, "a go or no go of somebody is a point that is not passed without");
    assert!(plan.steps[1].owner.is_none() && plan.steps[1].instructions.contains("Owner: DB Team"));
    let notes = imported.notes.join("\n");
    assert!(notes.contains("there is no role for \"DB Team\"") && notes.contains("Europe/Paris"), "{notes}");
    let given = Told {
        dropped: vec!["status".to_owned()],
        roles: [("DB team".to_owned(), "business".to_owned())].into(),
        zone: "UTC".to_owned(),
        ..told("payments.csv")
    };
    let (plan, imported) = self::plan(CUTOVER, &given);
    assert_eq!(plan.steps[1].owner.as_ref().unwrap().as_str(), "business");
    assert_eq!(plan.steps[0].instructions, "Stop the writers,\nthen look at the lag");
    assert_eq!(plan.t0.unwrap().to_rfc3339(), "2026-11-21T02:00:00+00:00");
    assert!(!imported.notes.join("\n").contains("no role"), "{:?}", imported.notes);
}

#[test]
fn separators_marks_and_other_heads_are_found() {
    let (plan, _) = plan(
        "\u{feff}Nr.;Activity;Responsible;Start;End\nA 1;Look;business;2026-11-21 02:00;2026-11-21 02:20\n",
        &told("x.csv"),
    );
    assert_eq!((plan.steps[0].name.as_str(), plan.steps[0].takes.unwrap().to_text().as_str()), ("A-1", "20m"));
    let (plan, _) = self::plan("Step\tDuration\nlook\t1 hour 30 mins\nagain\t00:00:45\n", &told("x.tsv"));
    let lengths: Vec<_> = plan.steps.iter().map(|step| step.takes.unwrap().to_text()).collect();
    assert_eq!(lengths, ["1h30m", "45s"]);
    assert_eq!(needs(&plan, "2"), ["1"], "nothing says what waits for what, so each waits for the one before");
    let given = Told { columns: [("Foo".to_owned(), Field::Title)].into(), ..told("x.csv") };
    assert_eq!(self::plan("Foo,Task\nlook,x\n", &given).0.steps[0].title, "look");
    let (plan, _) = self::plan("No,Task,Owner\n,Night,\n1,look,ops\n2,go,ops\n", &told("x.csv"));
    assert_eq!(plan.steps.iter().map(|step| step.phase.as_str()).collect::<Vec<_>>(), ["Night", "Night"]);
}

#[test]
fn what_could_be_meant_two_ways_is_refused_with_its_line() {
    let t = told("x.csv");
    let start = |cell: &str| format!("Task,Start\nfirst,2026-11-21 01:00\nlook,{cell}\n");
    refused(&start("01/02/2026 02:00"), &t, "x.csv:3:1: 01/02/2026 is the 1. of month 2, or the 2. of month 1");
    refused(&start("noon"), &t, "3 | look,noon\n  | ^^^^^^^^^");
    refused(&start("02:00"), &t, "\"02:00\" is no day with its time");
    refused(&start("2026-11-21"), &t, "is no day with its time");
    refused(&start("21/11/26 02:00"), &t, "is no day that can be read one way only");
    refused(&start("2026-10-25 02:30"), &t, "\"2026-10-25 02:30\" is twice in Europe/Paris");
    refused(&start("2026-10-25 02:30"), &t, "2026-10-25T00:30:00Z or 2026-10-25T01:30:00Z");
    refused(&start("2026-03-29 02:30"), &t, "does not exist in Europe/Paris: the clocks skip it");
    refused(&start("T+5"), &t, "\"5\" is no length of time");
    refused(&start("2026-02-30 02:00"), &t, "no day");
    refused("Task,Start\na,13/01/2026 02:00\nb,01/13/2026 02:00\n", &t, "cannot both be dates of one calendar");
    let american = Told { day_first: Some(false), ..told("x.csv") };
    refused("Task,Start\na,13/01/2026 02:00\n", &american, "the other order");
    let (plan, _) = plan("Task,Start\na,01/02/2026 02:00\nb,01/02/2026 2:05 PM\n", &american);
    assert_eq!((plan.t0.unwrap().to_rfc3339().as_str(), minutes(&plan, "2")), ("2026-01-02T01:00:00+00:00", 725));
    let length = |cell: &str| format!("Task,Duration\nlook,{cell}\n");
    refused(&length("15"), &t, "\"15\" does not say of what: minutes, hours?");
    refused(&length("1:30"), &t, "could be hours and minutes, or minutes and seconds");
    refused(&length("a while"), &t, "is no length");
    refused(&length("99999999999999999999h"), &t, "is no length");
    refused("Task,Start,End\nlook,2026-11-21 23:00,2026-11-21 01:00\n", &t, "it ends before it starts");
    refused("Task,Start,End,Duration\na,T+0m,T+5m,7m\n", &t, "from start to end it is 5m");
    refused("ID,Task,After\n1,a,\n2,b,7\n", &t, "x.csv:3:1: \"7\" is no task that this could wait for");
    refused("ID,Task,After\n1,a,\n2,b,1FS+2d\n", &t, "\"1FS+2d\" is no task");
    refused("ID,Task\n1,a\n1,b\n", &t, "\"1\" is the name of line 2 too");
    refused("Task,Activity\na,b\n", &t, "both \"Task\" and \"Activity\" could be the task");
    refused("Foo,Bar\na,b\n", &t, "no column says what there is to do");
    refused("Task,Owner\na,ops,more\n", &t, "3 cells under 2 heads");
    refused("Task,Owner\n,ops\n", &t, "nothing says what there is to do here");
    refused("Task\n", &t, "there is no task in it");
    refused("", &t, "no column says what there is to do");
    refused("just prose\n", &told("x.md"), "there is no list of tasks in it");
}

#[test]
fn what_stands_in_braces_stands_for_itself() {
    let (plan, _) =
        plan("Task,Description\nrun {version},\"echo {a} ${HOME} {\"\"json\"\": 1} {{b}}\"\n", &told("x.csv"));
    assert_eq!(plan.steps[0].title, "run {version}");
    assert_eq!(plan.steps[0].instructions, "echo {a} ${HOME} {\"json\": 1} {{b}}");
}

#[test]
fn a_checklist_is_its_boxes_their_headings_and_what_stands_below() {
    let text = "\
# Cutover of payments

Call the bridge first.

## Before
- [ ] Freeze the *old* queue
  - Owner: ops
  - Duration: 15m
  - look at the lag
- [x] Copy what is left

  It takes a while.
  ```sh
  copy --all
    --slowly
  ```
## After
1. [ ] Open the new one
";
    let (plan, _) = plan(text, &told("x.md"));
    assert_eq!(plan.title, "Cutover of payments");
    let steps: Vec<_> =
        plan.steps.iter().map(|s| (s.phase.as_str(), s.title.as_str(), s.instructions.as_str())).collect();
    assert_eq!(
        steps,
        [
            ("Before", "Freeze the old queue", "Call the bridge first.\nlook at the lag"),
            ("Before", "Copy what is left", "It takes a while.\ncopy --all\n  --slowly"),
            ("After", "Open the new one", ""),
        ]
    );
    assert_eq!(
        (plan.steps[0].owner.as_ref().unwrap().as_str(), plan.steps[0].takes.unwrap().to_text().as_str()),
        ("ops", "15m")
    );
    assert_eq!(needs(&plan, "3"), ["2"]);
    let (plan, _) = self::plan("Steps:\n\n1. stop\n   - all of it\n2. start\n", &told("x.md"));
    assert_eq!(plan.steps.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), ["stop", "start"]);
    assert_eq!(plan.steps[0].instructions, "Steps:\nall of it");
}

/// Everything of a plan of people's steps that a sheet can hold.
fn kept(plan: &Plan) -> String {
    let step = |step: &holdpoint::domain::plan::Step| {
        let texts =
            [&step.title, &step.phase, &step.stream, &step.instructions, &step.expect, &step.evidence, &step.undo];
        let rest = (&step.name, step.kind, &step.owner, &step.backup, step.at, step.takes, &step.needs);
        format!("{:?} {rest:?}\n", texts.map(|text| text.trim()))
    };
    plan.steps.iter().map(step).collect()
}

/// Words that a spreadsheet, Markdown, TOML or a terminal would take for something else.
fn hostile() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "=1+1",
        "+",
        "-",
        "@x",
        "'",
        "\"",
        ",",
        ";",
        "|",
        "*b*",
        "_i_",
        "`c`",
        "```",
        "[l](u)",
        "[ ] ",
        "# h",
        "<b>",
        "&amp;",
        "\\",
        "{v}",
        "{{",
        "é",
        "中",
        "1. ",
        "- ",
        "> q",
        "~",
        "Owner: ops",
        ":",
        "a",
        "run",
        "\u{202e}",
        "\u{1b}[2J",
        "http://x",
        "$(x)",
        "~~~",
        "!",
        "<!--",
    ]);
    prop::collection::vec(bits, 1..5).prop_map(|bits| bits.join(" ").trim().to_owned())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn out_and_in_again_nothing_is_lost(
        steps in prop::collection::vec((hostile(), prop::collection::vec(hostile(), 4), 0..3usize, any::<bool>(), -90..900i64), 1..7),
        lines in prop::collection::vec(hostile(), 1..4),
    ) {
        let mut document = toml::Table::new();
        let mut all = Vec::new();
        for (n, (title, texts, phase, milestone, at)) in (1..).zip(&steps) {
            let mut step = toml::Table::new();
            let mut put = |key: &str, value: &str| step.insert(key.to_owned(), value.into());
            put("id", &n.to_string());
            put("title", &format!("t {title}"));
            put("kind", if *milestone { "milestone" } else { "manual" });
            put("phase", ["", "one", "2. two"][*phase]);
            put("owner", ["ops", "business", "release-manager"][*phase]);
            put("instructions", &format!("{}\n  {}", texts[0], lines.join("\n\n")));
            put("expect", &texts[1]);
            put("evidence", &texts[2]);
            put("undo", &texts[3]);
            put("at", &format!("T{}{}m", if *at < 0 { '-' } else { '+' }, at.abs()));
            put("takes", "5m");
            if n > 1 {
                step.insert("needs".to_owned(), vec![(n - 1).to_string()].into());
            }
            all.push(toml::Value::Table(step));
        }
        document.insert("title".to_owned(), "Round".into());
        document.insert("vars".to_owned(), toml::Table::from_iter([("v".to_owned(), "{v}".into())]).into());
        document.insert("steps".to_owned(), all.into());
        let dir = Dir::good();
        let loaded = check_runbook(dir.path(), "round", document.to_string(), now()).unwrap_or_else(|e| panic!("{e}\n{document}"));
        let first = loaded.workspace.runbooks["round"].clone();
        // What acts on a terminal is shown by its number, and that is kept.
        let shown = |plan: &Plan| kept(plan).replace("\\\\u", "\\u");
        let csv = sheet::csv(&first, None).unwrap();
        let formula = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
        let cells = csv::Reader::from_reader(csv.as_bytes()).into_records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
        let harmless = !csv.contains('\u{1b}') && !cells.into_iter().any(|cell| formula(&cell));
        prop_assert!(harmless, "{}", csv);
        let (again, _) = plan(&csv, &told("round.csv"));
        prop_assert_eq!(shown(&again), shown(&first), "{}", csv);
        let csv_again = sheet::csv(&again, None).unwrap();
        prop_assert_eq!(&csv_again, &csv);
        let markdown = sheet::markdown(&first, None);
        let (again, _) = plan(&markdown, &told("round.md"));
        prop_assert_eq!(shown(&again), shown(&first), "{}", markdown);
    }

    #[test]
    fn no_text_at_all_panics(text in "(?s).{0,300}", markdown in any::<bool>()) {
        let dir = Dir::good();
        let _ = read(&dir, &text, &told(if markdown { "x.md" } else { "x.csv" }));
        let _ = read(&dir, &format!("ID,Task,Start,Duration,After\n{text}"), &told("x.csv"));
    }
}
