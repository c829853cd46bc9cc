//! Frames: whatever the bytes, however they are cut.

use holdpoint::backend::plugin::frame::{Frame, Frames, LONGEST, line};
use proptest::prelude::*;
use serde_json::json;

/// Everything that the pieces say.
fn read(pieces: &[&[u8]]) -> Vec<Frame> {
    let (mut frames, mut all) = (Frames::default(), Vec::new());
    pieces.iter().for_each(|piece| frames.feed(piece, |frame| all.push(frame)));
    all
}

fn garbage(frames: &[Frame]) -> usize {
    frames.iter().filter(|frame| matches!(frame, Frame::Garbage(_))).count()
}

#[test]
fn a_line_is_a_message_or_garbage_and_a_blank_one_is_nothing() {
    let frames =
        read(&[b"{\"id\":1}\n\n  \r\n{}\r\n[]\nnull\nhello\n{\"a\":\"\xff\"}\n{\"a\":1}{\"b\":2}\n{\"open\":"]);
    assert_eq!(frames.len(), 7, "{frames:?}");
    assert_eq!(garbage(&frames), 5);
}

#[test]
fn a_line_that_is_too_long_is_garbage_once_and_the_next_is_read() {
    let long = vec![b'x'; LONGEST + 10];
    let frames = read(&[b"{\"a\":\"", &long, &long, b"\"}\n{\"id\":2}\n"]);
    assert_eq!((frames.len(), garbage(&frames)), (2, 1));
    let Frame::Garbage(why) = &frames[0] else { panic!() };
    assert!(why.len() < 300, "{why}");
    assert!(line(&json!({ "a": "x".repeat(LONGEST) })).is_err());
}

#[test]
fn garbage_is_shown_harmless() {
    let Frame::Garbage(why) = &read(&[b"\x1b[2J\xe2\x80\xaeboo\n"])[0] else { panic!() };
    assert!(why.contains("\\u{1b}[2J\\u{202e}boo"), "{why}");
    let text = format!("{:?}\n", "x".repeat(100_000));
    let Frame::Garbage(why) = &read(&[text.as_bytes()])[0] else { panic!() };
    assert!(why.len() < 400, "{} bytes", why.len());
}

#[test]
fn depth_without_end_is_garbage() {
    let deep = format!("{{\"a\":{}{}}}\n", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(garbage(&read(&[deep.as_bytes()])), 1);
}

proptest! {
    #[test]
    fn how_bytes_are_cut_does_not_matter(
        lines in prop::collection::vec(prop_oneof![
            "[ -~]{0,20}".prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..30),
            (0u64..9, "\\PC{0,9}").prop_map(|(id, text)| json!({ "id": id, "x": text }).to_string().into_bytes()),
        ], 0..8),
        cuts in prop::collection::vec(1usize..9, 1..40),
    ) {
        let all: Vec<u8> = lines.into_iter().flat_map(|mut line| { line.push(b'\n'); line }).collect();
        let (mut pieces, mut rest, mut at) = (Vec::new(), &all[..], 0);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cuts[at % cuts.len()].min(rest.len()));
            pieces.push(piece);
            (rest, at) = (after, at + 1);
        }
        prop_assert_eq!(read(&pieces), read(&[&all]));
    }
}
