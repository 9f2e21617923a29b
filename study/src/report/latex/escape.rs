//! Text for LaTeX with T1 fonts and UTF-8 input: what means something to TeX is escaped, signs
//! become mathematics, and a character that T1 has no glyph for is named by its code point rather
//! than lost.

/// Escapes a text.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, '-' | ',') && out.ends_with(c) {
            // Two of them are another sign in T1 fonts.
            out.push_str("{}");
            out.push(c);
        } else if let Some(first) = raised(c) {
            let mut exponent = String::from(first);
            while let Some(next) = rest.peek().copied().and_then(raised) {
                exponent.push(next);
                rest.next();
            }
            out.push_str(&format!("\\(^{{{exponent}}}\\)"));
        } else if let Some(replacement) = special(c) {
            out.push_str(replacement);
        } else if let Some(name) = greek(c) {
            out.push_str(&format!("\\(\\{name}\\)"));
        } else if c.is_ascii_graphic() || c == ' ' || is_t1(c) {
            out.push(c);
        } else if c.is_whitespace() {
            out.push(' ');
        } else {
            out.push_str(&format!("[U+{:04X}]", c as u32));
        }
    }
    out
}

/// Escapes running text, in which long names may be broken after their underscores and, as
/// `random_normal(stddev=0.1)`, before their parameters.
#[must_use]
pub fn prose(text: &str) -> String {
    let word = |word: &str| match word.split_once('(') {
        Some((name, parameters)) if name.contains('_') => {
            format!("{}(\\allowbreak{{}}{}", escape(name), escape(parameters))
        }
        _ => escape(word),
    };
    let words: Vec<String> = text.split(' ').map(word).collect();
    words.join(" ").replace("\\_", "\\_\\allowbreak{}")
}

/// A superscript as the character that it raises.
fn raised(c: char) -> Option<char> {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    match DIGITS.iter().position(|&digit| digit == c) {
        Some(digit) => char::from_digit(digit as u32, 10),
        None => (c == '⁻').then_some('-'),
    }
}

fn special(c: char) -> Option<&'static str> {
    Some(match c {
        '\\' => "\\textbackslash{}",
        '{' => "\\{",
        '}' => "\\}",
        '_' => "\\_",
        '%' => "\\%",
        '&' => "\\&",
        '#' => "\\#",
        '$' => "\\$",
        '~' => "\\textasciitilde{}",
        '^' => "\\textasciicircum{}",
        '<' => "\\textless{}",
        '>' => "\\textgreater{}",
        '|' => "\\textbar{}",
        '"' => "\\textquotedbl{}",
        '\'' => "\\textquotesingle{}",
        '`' => "\\textasciigrave{}",
        '’' => "'",
        '‘' => "`",
        '“' => "``",
        '”' => "''",
        '–' => "--",
        '—' => "---",
        '…' => "\\dots{}",
        '−' => "\\(-\\)",
        '±' => "\\(\\pm\\)",
        '×' => "\\(\\times\\)",
        '÷' => "\\(\\div\\)",
        '·' => "\\(\\cdot\\)",
        '≤' => "\\(\\le\\)",
        '≥' => "\\(\\ge\\)",
        '≠' => "\\(\\ne\\)",
        '≈' => "\\(\\approx\\)",
        '∞' => "\\(\\infty\\)",
        '→' => "\\(\\to\\)",
        '√' => "\\(\\surd\\)",
        '°' => "\\(^{\\circ}\\)",
        '₁' => "\\(_{1}\\)",
        '₂' => "\\(_{2}\\)",
        '\u{a0}' => "~",
        _ => return None,
    })
}

/// The command of a Greek letter that has one of its own; others are Latin letters in TeX.
fn greek(c: char) -> Option<&'static str> {
    const SMALL: [&str; 25] = [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "mathrm{o}",
        "pi",
        "rho",
        "varsigma",
        "sigma",
        "tau",
        "upsilon",
        "varphi",
        "chi",
        "psi",
        "omega",
    ];
    match c {
        'µ' => Some("mu"),
        'α'..='ω' => Some(SMALL[c as usize - 'α' as usize]),
        'Γ' => Some("Gamma"),
        'Δ' => Some("Delta"),
        'Θ' => Some("Theta"),
        'Λ' => Some("Lambda"),
        'Ξ' => Some("Xi"),
        'Π' => Some("Pi"),
        'Σ' => Some("Sigma"),
        'Φ' => Some("Phi"),
        'Ψ' => Some("Psi"),
        'Ω' => Some("Omega"),
        _ => None,
    }
}

/// Letters beyond ASCII that fonts in T1 have (`t1enc.dfu` of LaTeX).
fn is_t1(c: char) -> bool {
    const EXTENDED: &str = "ĂăĄąĆćČčĎďĐđĘęĚěĞğĹĺĽľŁłŃńŇňŐőŔŕŘřŚśŞşŠšŢţŤťŮůŰűŸŹźŻżŽž";
    ('À'..='ÿ').contains(&c) || EXTENDED.contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_to_tex_is_escaped() {
        assert_eq!(
            escape("a_b 5% <&> #$"),
            "a\\_b 5\\% \\textless{}\\&\\textgreater{} \\#\\$"
        );
        assert_eq!(
            escape("{~^\\}"),
            "\\{\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\}"
        );
    }

    #[test]
    fn signs_are_mathematics_and_what_has_no_glyph_is_named() {
        assert_eq!(
            prose("a_b(α) P(a > b)"),
            "a\\_\\allowbreak{}b(\\allowbreak{}\\(\\alpha\\)) P(a \\textgreater{} b)"
        );
        assert_eq!(escape("--seeds 5,,6"), "-{}-seeds 5,{},6");
        assert_eq!(escape("3.5×10⁻⁶"), "3.5\\(\\times\\)10\\(^{-6}\\)");
        assert_eq!(
            escape("−1 ± 2 µm, Müller, 中"),
            "\\(-\\)1 \\(\\pm\\) 2 \\(\\mu\\)m, Müller, [U+4E2D]"
        );
    }
}
