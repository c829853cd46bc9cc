//! Texts that have done harm to terminals, and texts that look like others.

use crate::chance::Chance;

/// Sequences that terminals have obeyed to somebody's harm, and forms that they obey at all.
const KNOWN: &[&str] = &[
    // Answers put into the input: title report, DECRQSS, ENQ, DA, DSR, window reports, checksum.
    "\x1b]0;\nrm -rf /\n\x07\x1b[21t",
    "\x1b]2;id\x1b\\\x1b[20t",
    "\x1bP$q\nid\n\x1b\\",
    "\x05",
    "\x1b[c\x1b[>c\x1b[=c\x1b[5n\x1b[6n\x1b[?6n\x1b[?1;1;1*y",
    "\x1b[14t\x1b[18t\x1b[19t",
    "\x1b]4;1;?\x07\x1b]10;?\x07\x1b]11;?\x1b\\\x1b]12;?\x07",
    "\x1b]50;?\x07\x1b]50;i$(touch /tmp/x)\x07",
    "\x1bP+q544e\x1b\\\x1bP+p544e\x1b\\",
    "\x1b[?2026$p\x1b[?u\x1b[>0q",
    // Files, screen dumps, programs.
    "\x1b]46;/tmp/log\x07\x1b]55;/tmp/dump\x07",
    "\x1b[5i data \x1b[4i\x1b[?5i",
    "\x1b]1337;File=name=eA==;inline=1:aWQ=\x07\x1b]1337;SetUserVar=a=b\x07",
    "\x1b]7;file://evil/etc\x07\x1b]8;;file:///etc/passwd\x1b\\link\x1b]8;;\x1b\\",
    "\x1b]52;c;cm0gLXJmIC8=\x07\x1b]52;p;?\x07",
    "\x1b]9;done\x07\x1b]777;notify;a;b\x07\x1b]99;i=1;x\x1b\\",
    "\x1b]133;A\x07\x1b]633;E;rm\x07\x1b]697;x\x07",
    "\x1b_Gf=24,s=9999,v=9999;AAAA\x1b\\\x1b_Ga=q,t=f;L2V0Yy9wYXNzd2Q=\x1b\\",
    "\x1bPq#0;2;0;0;0~~@@vv@@~~$-\x1b\\",
    "\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\\x1bP\x1b]0;x\x07\x1b\\",
    "\x1b^pm\x1b\\\x1bXsos\x1b\\\x1bktitle\x1b\\",
    // Loops, sizes, memory.
    "\x1b[99999999999999999999@\x1b[2147483647b\x1b[2147483647L\x1b[65535;65535H",
    "\x1b[8;1;1t\x1b[3;0;0t\x1b[2t\x1b[9;1t",
    "\x1b[;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;;m\x1b[38;2;300;300;300;300m\x1b[58:2::9:9:9m",
    // Modes, pages, keyboards, pens.
    "\x1b[?1049h\x1b[?1049l\x1b[?47h\x1b[?3h\x1b[?5h\x1b[?7l\x1b[?25l\x1b[?1000h\x1b[?1003h\x1b[?1006h",
    "\x1b[?2004l\x1b[200~\rrm\r\x1b[201~\x1b[>1u\x1b[=31;1u\x1b[>4;2m\x1b[20h\x1b[4h\x1b[2l",
    "\x1bc\x1b[!p\x1b[?1l\x1b>\x1b=\x1b7\x1b8\x1b[s\x1b[u\x1b#8\x1b#3\x1bD\x1bE\x1bM\x1bH\x1bN\x1bO\x1bZ",
    "\x1b[2J\x1b[3J\x1b[1;1H\x1b[r\x1b[5;6r\x1b[1S\x1b[1T\x1b[2K\x1b[9P\x1b[9X\x1b[9M",
    "\x1b(0lqqk\x1b(B\x1b)0\x0e lqk \x0f\x1b%G\x1b%@\x1b*A\x1bn\x1bo\x1b|",
    "\x1b[8mhidden\x1b[0m\x1b[30;40minvisible\x1b[5mblink",
    "\u{9b}31m\u{9d}0;c1\u{9c}\u{90}q\u{9c}\u{98}x\u{9c}\u{9e}y\u{9c}\u{9f}z\u{9c}\u{85}\u{84}\u{8d}",
    "\r\noverwritten\rprod\x08\x08\x08\x08test\x0b\x0c\x7f\t\t|",
    "\x1b\x1b[\x1b]\x1bP",
    "\x1b[",
    "\x1b]",
    "\x1bP",
    "\x1b_",
    "\x1b",
    "\u{9b}",
    "\u{9d}",
    "\x18\x1a",
    // Direction, invisibility, tags, spaces that are none, letters that are others.
    "prod\u{202e}gnigats\u{202c} \u{2066}a\u{2069}\u{2067}b\u{2069}\u{2068}c\u{2069}\u{200e}\u{200f}\u{61c}",
    "pay\u{200b}ments pay\u{200c}ments pay\u{200d}ments pay\u{2060}ments \u{feff}payments pay\u{ad}ments pay\u{180e}ments",
    "a\u{e0061}\u{e0062}\u{e007f}\u{1f3f4}\u{e0067}\u{e0062}",
    "x\u{fe0e}\u{fe0f}\u{e0100}\u{e01ef}\u{180b}",
    "eu\u{a0}west eu\u{2003}west eu\u{3000}west eu\u{2800}west eu\u{3164}west eu\u{ffa0}west eu\u{202f}west eu\u{205f}west",
    "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{489}\u{20dd}\u{1ab0}",
    "e\u{301} \u{e9} i\u{307}",
    "\u{fff9}a\u{fffa}b\u{fffb}\u{fffc}\u{fffd}\u{e000}\u{f8ff}\u{fdd0}\u{1d173}\u{13430}\u{1bca0}\u{2028}\u{2029}",
    "日本語\u{ff21}\u{ff22} 한국어 ﷽ 👩\u{200d}👩\u{200d}👧 🇪🇺 👍\u{1f3fb} กำ้ हिन्दी",
    "\\u{1b}[31m",
    "\\x{1b}",
    "\\u{5c}u{1b}",
    "\\\\u{1b}",
    "%s%n%x {} {0} ${HOME} `id` $(id)",
];

/// All texts: every control and format character by itself and inside a word, every
/// introducer of a sequence with each way to end it, what is known, and what fills up to 600.
pub fn texts() -> Vec<String> {
    let mut all: Vec<String> = KNOWN.iter().map(|text| (*text).to_owned()).collect();
    let controls = (0..0x20u32).chain(0x7f..0xa1).chain([0xad]);
    let formats =
        (0x2000..0x2010).chain(0x2028..0x2030).chain(0x205f..0x2070).chain(0xfe00..0xfe10).chain(0xfff0..0xfffd);
    let tags = (0xe0000..0xe0080).step_by(5);
    all.extend(controls.chain(formats).chain(tags).filter_map(char::from_u32).map(|c| format!("pr{c}od")));
    for begin in [
        "\x1b]0;",
        "\x1b]52;c;",
        "\x1bP",
        "\x1b_",
        "\x1b^",
        "\x1bX",
        "\u{9d}0;",
        "\u{90}",
        "\u{9f}",
        "\u{9e}",
        "\u{98}",
    ] {
        for end in ["\x07", "\x1b\\", "\u{9c}", "\x18", "\x1a", ""] {
            all.push(format!("a{begin}owned{end}b"));
        }
    }
    for last in '@'..='~' {
        all.push(format!("a\x1b[1{last}b"));
        all.push(format!("a\x1b[?1{last}b\u{9b}1{last}c\x1b{last}d"));
    }
    let mut chance = Chance::new(600);
    while all.len() < 600 {
        all.push(generated(&mut chance));
    }
    all
}

/// A text made by chance of the same stuff.
pub fn generated(chance: &mut Chance) -> String {
    const PIECES: &[&str] = &[
        "\x1b",
        "[",
        "]",
        "P",
        "\\",
        "\x07",
        "u{",
        "x{",
        "}",
        "1b",
        "\\u{1b}",
        "31m",
        "2J",
        "\u{9b}",
        "\u{9c}",
        "\u{202e}",
        "\u{200b}",
        "\u{200d}",
        "\u{301}",
        "\u{e0041}",
        "\u{a0}",
        " ",
        "prod",
        "日",
        "é",
        "👍",
        "\n",
        "\r",
        "\t",
        "\x08",
        "0;",
        "?",
        "\u{fe0f}",
    ];
    let mut text = String::new();
    for _ in 0..1 + chance.below(12) {
        match chance.below(6) {
            0 => text.extend(char::from_u32((chance.next() % 0x11_0000) as u32)),
            1 => text.extend(char::from_u32((chance.next() % 0x2100) as u32)),
            _ => text.push_str(PIECES[chance.below(PIECES.len())]),
        }
    }
    text
}
