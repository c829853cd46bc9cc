//! The book: its index names every page, its links lead somewhere, and README
//! holds the two commands that `.ci/run` and a newcomer take from it.

use crate::source::root;
use std::fs;
use std::path::Path;

/// Links of a Markdown text that lead to no file, seen from its directory.
fn broken_links(text: &str, directory: &Path) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    let local = targets.filter(|target| !target.is_empty() && !target.contains("://"));
    local.filter(|target| !directory.join(target).exists()).map(str::to_owned).collect()
}

/// The commands of the sh block that follows a mark.
fn block(readme: &str, mark: &str) -> Option<String> {
    let (_, rest) = readme.split_once(&format!("<!-- {mark} -->\n```sh\n"))?;
    Some(rest.split_once("\n```")?.0.to_owned())
}

fn pages() -> Vec<String> {
    let names =
        fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".md")).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut texts: Vec<_> = pages().iter().map(|page| root().join("docs").join(page)).collect();
    texts.extend([root().join("README.md"), root().join("CHANGELOG.md")]);
    for path in texts {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(broken_links(&text, path.parent().unwrap()), [""; 0], "in {}", path.display());
    }
}

#[test]
fn the_index_names_every_page() {
    let index = fs::read_to_string(root().join("docs/README.md")).unwrap();
    let missing: Vec<_> =
        pages().into_iter().filter(|page| page != "README.md" && !index.contains(&format!("({page})"))).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn readme_holds_the_two_commands() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(block(&readme, "run").is_some_and(|commands| commands.contains("-- demo")));
    assert!(block(&readme, "test").is_some_and(|commands| commands.contains("cargo test")));
}

#[test]
fn what_is_missing_is_found() {
    assert_eq!(
        broken_links("[a](nowhere.md#x) [b](https://docs.rs/x) [c](#here) [d](docs/README.md)", &root()),
        ["nowhere.md"]
    );
    assert_eq!(block("<!-- run -->\n```sh\na\nb\n```\n", "run").as_deref(), Some("a\nb"));
    assert_eq!(block("<!-- run -->\ntext\n```sh\na\n```\n", "run"), None);
}
