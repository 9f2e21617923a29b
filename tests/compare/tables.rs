//! `initstudy compare`: its patience with tables as people have them, and its words where that ends.

use crate::comparing::{json, on_text};
use crate::sweeps::{stderr, stdout};

#[test]
fn a_run_without_a_value_is_counted_and_one_without_a_partner_is_in_no_pair() {
    let text = "g,m,s\na,1,1\na,2,2\na,4,3\nb,1.5,1\nb,,2\nb,nan,3\nb,inf,4\nb,NA,5\nb,7,6\nb,3,\n";
    let result = json(&on_text(&["--pair", "s", "--json"], text));
    let b = &result["groups"][1];
    assert_eq!(
        (b["n"].as_u64(), b["n_missing"].as_u64()),
        (Some(3), Some(4))
    );
    assert_eq!(b["mean"].as_f64(), Some((1.5 + 7.0 + 3.0) / 3.0));
    let comparison = &result["comparisons"][0];
    assert_eq!(comparison["n"], 1);
    assert_eq!(comparison["difference"], -0.5);
    assert!(comparison["p"].is_null());
    let note = comparison["note"].as_str().unwrap();
    assert!(note.contains("test: needs 2 values, has 1"), "{note}");
}

#[test]
fn a_byte_order_mark_and_other_separators_are_read() {
    let out = on_text(
        &["--json", "--delimiter", ";"],
        b"\xef\xbb\xbfg;m\r\na;1\r\na;2\r\nb;3\r\nb;5\r\n",
    );
    assert_eq!(json(&out)["comparisons"][0]["difference"], -2.5);
}

#[test]
fn a_pair_that_is_not_available_is_no_pair() {
    let table = "g,m,s\na,1,NA\na,2,NA\na,3,0\nb,4,\nb,6,0\nb,7,n/a\n";
    let result = json(&on_text(&["--json", "--pair", "s"], table));
    assert_eq!(result["comparisons"][0]["n"], 1);
}

#[test]
fn fails_in_one_sentence_with_line_and_column() {
    let cases: [(&[&str], &[u8], &str); 19] = [
        (&[], b"", "the file is empty"),
        (&[], b"g,m\n", "line 1 is the header, and no run follows it"),
        (
            &[],
            b"x,m\na,1\n",
            "line 1 has no column \"g\"; it has x, m",
        ),
        (
            &[],
            b"g,metric,M\na,1,1\n",
            "line 1 has no column \"m\"; did you mean \"M\"?",
        ),
        (&[], b"g;m\na;1\n", "name it with --delimiter"),
        (&[], b"g,m,m\na,1,1\n", "line 1 has the column \"m\" twice"),
        (
            &[],
            b"g,m\na,1\nb,2,3\n",
            "line 3 has 3 fields, the header has 2; give",
        ),
        (
            &[],
            b"g,m\na,1\nb,12%\n",
            "line 3, column \"m\": \"12%\" is no number",
        ),
        (
            &[],
            b"g,m\na,1\nb\xff,1\n",
            "line 3, column \"g\": the bytes are not UTF-8",
        ),
        (
            &[],
            b"g\xff,m\na,1\n",
            "line 1, column \"number 1\": the bytes are not UTF-8",
        ),
        (&[], b"g,m\n,1\n", "line 2, column \"g\": the cell is empty"),
        (
            &["--pair", "s"],
            b"g,m,s\na,1,0\nb,1,0\na,2,0\n",
            "line 4, column \"s\": a has \"0\" already, in line 2",
        ),
        (
            &["--control", "A"],
            b"g,m\na,1\nb,2\n",
            "--control: there is no \"A\"",
        ),
        (&["--test", "wilcoxon"], b"g,m\na,1\nb,2\n", "--pair"),
        (
            &["--test", "t"],
            b"g,m\na,1\nb,2\n",
            "--test: there is no \"t\"",
        ),
        (
            &["--resamples", "1000000000000000000"],
            b"g,m\na,1\nb,2\n",
            "is too many; 1000000 is the most",
        ),
        (
            &["--alpha", "1e-300"],
            b"g,m\na,1\nb,2\n",
            "1e-12 is the least",
        ),
        (
            &[],
            b"g,m\na,1\nb,-1e999\n",
            "line 3, column \"m\": \"-1e999\" is beyond",
        ),
        (&["--alpha", "0"], b"g,m\na,1\nb,2\n", "--alpha 0 must lie"),
    ];
    for (args, text, part) in cases {
        let out = on_text(args, text);
        let message = stderr(&out);
        assert_eq!(out.status.code(), Some(2), "{args:?}: {message}");
        assert!(message.contains(part), "{message:?} lacks {part:?}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(stdout(&out).is_empty());
    }
    let mut many = b"g,m\n".to_vec();
    for i in 0..1001 {
        many.extend(format!("{i},1\n").bytes());
    }
    let out = on_text(&[], many);
    assert!(
        stderr(&out).contains("line 1002, column \"g\""),
        "{}",
        stderr(&out)
    );
}
