//! Works on statistics.

use super::super::{Link, Reference, Venue};

/// Student (1908).
pub const STUDENT: &Reference = &Reference {
    key: "student1908",
    authors: &["Student"],
    year: 1908,
    title: "The probable error of a mean",
    venue: Venue::Journal("Biometrika", "6(1)", "1--25"),
    link: Link::Doi("10.1093/biomet/6.1.1"),
};

/// Welch (1947).
pub const WELCH_T: &Reference = &Reference {
    key: "welch1947",
    authors: &["Welch, B. L."],
    year: 1947,
    title: "The generalization of ‘Student’s’ problem when several different population variances are involved",
    venue: Venue::Journal("Biometrika", "34(1–2)", "28--35"),
    link: Link::Doi("10.1093/biomet/34.1-2.28"),
};

/// Wilcoxon (1945).
pub const WILCOXON: &Reference = &Reference {
    key: "wilcoxon1945",
    authors: &["Wilcoxon, Frank"],
    year: 1945,
    title: "Individual comparisons by ranking methods",
    venue: Venue::Journal("Biometrics Bulletin", "1(6)", "80--83"),
    link: Link::Doi("10.2307/3001968"),
};

/// Pratt (1959).
pub const PRATT: &Reference = &Reference {
    key: "pratt1959",
    authors: &["Pratt, John W."],
    year: 1959,
    title: "Remarks on zeros and ties in the Wilcoxon signed rank procedures",
    venue: Venue::Journal(
        "Journal of the American Statistical Association",
        "54(287)",
        "655--667",
    ),
    link: Link::Doi("10.1080/01621459.1959.10501526"),
};

/// Mann and Whitney (1947).
pub const MANN_WHITNEY: &Reference = &Reference {
    key: "mann1947",
    authors: &["Mann, H. B.", "Whitney, D. R."],
    year: 1947,
    title: "On a test of whether one of two random variables is stochastically larger than the other",
    venue: Venue::Journal("The Annals of Mathematical Statistics", "18(1)", "50--60"),
    link: Link::Doi("10.1214/aoms/1177730491"),
};

/// Fisher (1935).
pub const FISHER: &Reference = &Reference {
    key: "fisher1935",
    authors: &["Fisher, R. A."],
    year: 1935,
    title: "The Design of Experiments",
    venue: Venue::Book("Oliver and Boyd, Edinburgh"),
    link: Link::None,
};

/// Janssen (1997).
pub const JANSSEN: &Reference = &Reference {
    key: "janssen1997",
    authors: &["Janssen, Arnold"],
    year: 1997,
    title: "Studentized permutation tests for non-i.i.d. hypotheses and the generalized Behrens-Fisher problem",
    venue: Venue::Journal("Statistics & Probability Letters", "36(1)", "9--21"),
    link: Link::Doi("10.1016/S0167-7152(97)00043-6"),
};

/// Tukey (1953).
pub const TUKEY: &Reference = &Reference {
    key: "tukey1953",
    authors: &["Tukey, John W."],
    year: 1953,
    title: "The problem of multiple comparisons",
    venue: Venue::Manuscript("Princeton University"),
    link: Link::None,
};

/// Games and Howell (1976).
pub const GAMES_HOWELL: &Reference = &Reference {
    key: "games1976",
    authors: &["Games, Paul A.", "Howell, John F."],
    year: 1976,
    title: "Pairwise multiple comparison procedures with unequal N’s and/or variances: a Monte Carlo study",
    venue: Venue::Journal("Journal of Educational Statistics", "1(2)", "113--125"),
    link: Link::Doi("10.3102/10769986001002113"),
};

/// Nemenyi (1963).
pub const NEMENYI: &Reference = &Reference {
    key: "nemenyi1963",
    authors: &["Nemenyi, Peter Bjorn"],
    year: 1963,
    title: "Distribution-free multiple comparisons",
    venue: Venue::Thesis("Princeton University"),
    link: Link::None,
};

/// Westfall and Young (1993).
pub const WESTFALL_YOUNG: &Reference = &Reference {
    key: "westfall1993",
    authors: &["Westfall, Peter H.", "Young, S. Stanley"],
    year: 1993,
    title: "Resampling-Based Multiple Testing: Examples and Methods for p-Value Adjustment",
    venue: Venue::Book("Wiley, New York"),
    link: Link::None,
};

/// Dunnett (1955).
pub const DUNNETT: &Reference = &Reference {
    key: "dunnett1955",
    authors: &["Dunnett, Charles W."],
    year: 1955,
    title: "A multiple comparison procedure for comparing several treatments with a control",
    venue: Venue::Journal(
        "Journal of the American Statistical Association",
        "50(272)",
        "1096--1121",
    ),
    link: Link::Doi("10.1080/01621459.1955.10501294"),
};

/// Dunn (1961).
pub const DUNN: &Reference = &Reference {
    key: "dunn1961",
    authors: &["Dunn, Olive Jean"],
    year: 1961,
    title: "Multiple comparisons among means",
    venue: Venue::Journal(
        "Journal of the American Statistical Association",
        "56(293)",
        "52--64",
    ),
    link: Link::Doi("10.1080/01621459.1961.10482090"),
};

/// Holm (1979).
pub const HOLM: &Reference = &Reference {
    key: "holm1979",
    authors: &["Holm, Sture"],
    year: 1979,
    title: "A simple sequentially rejective multiple test procedure",
    venue: Venue::Journal("Scandinavian Journal of Statistics", "6(2)", "65--70"),
    link: Link::Url("https://www.jstor.org/stable/4615733"),
};

/// Hochberg (1988).
pub const HOCHBERG: &Reference = &Reference {
    key: "hochberg1988",
    authors: &["Hochberg, Yosef"],
    year: 1988,
    title: "A sharper Bonferroni procedure for multiple tests of significance",
    venue: Venue::Journal("Biometrika", "75(4)", "800--802"),
    link: Link::Doi("10.1093/biomet/75.4.800"),
};

/// Benjamini and Hochberg (1995).
pub const BENJAMINI_HOCHBERG: &Reference = &Reference {
    key: "benjamini1995",
    authors: &["Benjamini, Yoav", "Hochberg, Yosef"],
    year: 1995,
    title: "Controlling the false discovery rate: a practical and powerful approach to multiple testing",
    venue: Venue::Journal(
        "Journal of the Royal Statistical Society: Series B",
        "57(1)",
        "289--300",
    ),
    link: Link::Doi("10.1111/j.2517-6161.1995.tb02031.x"),
};

/// Benjamini and Yekutieli (2001).
pub const BENJAMINI_YEKUTIELI: &Reference = &Reference {
    key: "benjamini2001",
    authors: &["Benjamini, Yoav", "Yekutieli, Daniel"],
    year: 2001,
    title: "The control of the false discovery rate in multiple testing under dependency",
    venue: Venue::Journal("The Annals of Statistics", "29(4)", "1165--1188"),
    link: Link::Doi("10.1214/aos/1013699998"),
};

/// Schuirmann (1987).
pub const SCHUIRMANN: &Reference = &Reference {
    key: "schuirmann1987",
    authors: &["Schuirmann, Donald J."],
    year: 1987,
    title: "A comparison of the two one-sided tests procedure and the power approach for assessing the equivalence of average bioavailability",
    venue: Venue::Journal(
        "Journal of Pharmacokinetics and Biopharmaceutics",
        "15(6)",
        "657--680",
    ),
    link: Link::Doi("10.1007/BF01068419"),
};

/// Hedges (1981).
pub const HEDGES: &Reference = &Reference {
    key: "hedges1981",
    authors: &["Hedges, Larry V."],
    year: 1981,
    title: "Distribution theory for Glass’s estimator of effect size and related estimators",
    venue: Venue::Journal("Journal of Educational Statistics", "6(2)", "107--128"),
    link: Link::Doi("10.3102/10769986006002107"),
};

/// Vargha and Delaney (2000).
pub const VARGHA_DELANEY: &Reference = &Reference {
    key: "vargha2000",
    authors: &["Vargha, András", "Delaney, Harold D."],
    year: 2000,
    title: "A critique and improvement of the CL common language effect size statistics of McGraw and Wong",
    venue: Venue::Journal(
        "Journal of Educational and Behavioral Statistics",
        "25(2)",
        "101--132",
    ),
    link: Link::Doi("10.3102/10769986025002101"),
};

/// Piepho (2004).
pub const PIEPHO: &Reference = &Reference {
    key: "piepho2004",
    authors: &["Piepho, Hans-Peter"],
    year: 2004,
    title: "An algorithm for a letter-based representation of all-pairwise comparisons",
    venue: Venue::Journal(
        "Journal of Computational and Graphical Statistics",
        "13(2)",
        "456--466",
    ),
    link: Link::Doi("10.1198/1061860043515"),
};

/// Friedman (1937).
pub const FRIEDMAN: &Reference = &Reference {
    key: "friedman1937",
    authors: &["Friedman, Milton"],
    year: 1937,
    title: "The use of ranks to avoid the assumption of normality implicit in the analysis of variance",
    venue: Venue::Journal(
        "Journal of the American Statistical Association",
        "32(200)",
        "675--701",
    ),
    link: Link::Doi("10.1080/01621459.1937.10503522"),
};

/// Iman and Davenport (1980).
pub const IMAN_DAVENPORT: &Reference = &Reference {
    key: "iman1980",
    authors: &["Iman, Ronald L.", "Davenport, James M."],
    year: 1980,
    title: "Approximations of the critical region of the Friedman statistic",
    venue: Venue::Journal(
        "Communications in Statistics – Theory and Methods",
        "9(6)",
        "571--595",
    ),
    link: Link::Doi("10.1080/03610928008827904"),
};

/// Greenhouse and Geisser (1959).
pub const GREENHOUSE_GEISSER: &Reference = &Reference {
    key: "greenhouse1959",
    authors: &["Greenhouse, Samuel W.", "Geisser, Seymour"],
    year: 1959,
    title: "On methods in the analysis of profile data",
    venue: Venue::Journal("Psychometrika", "24(2)", "95--112"),
    link: Link::Doi("10.1007/BF02289823"),
};

/// Kruskal and Wallis (1952).
pub const KRUSKAL_WALLIS: &Reference = &Reference {
    key: "kruskal1952",
    authors: &["Kruskal, William H.", "Wallis, W. Allen"],
    year: 1952,
    title: "Use of ranks in one-criterion variance analysis",
    venue: Venue::Journal(
        "Journal of the American Statistical Association",
        "47(260)",
        "583--621",
    ),
    link: Link::Doi("10.1080/01621459.1952.10483441"),
};

/// Welch (1951).
pub const WELCH_ANOVA: &Reference = &Reference {
    key: "welch1951",
    authors: &["Welch, B. L."],
    year: 1951,
    title: "On the comparison of several mean values: an alternative approach",
    venue: Venue::Journal("Biometrika", "38(3–4)", "330--336"),
    link: Link::Doi("10.1093/biomet/38.3-4.330"),
};

/// Brown and Forsythe (1974).
pub const BROWN_FORSYTHE: &Reference = &Reference {
    key: "brown1974",
    authors: &["Brown, Morton B.", "Forsythe, Alan B."],
    year: 1974,
    title: "Robust tests for the equality of variances",
    venue: Venue::Journal(
        "Journal of the American Statistical Association",
        "69(346)",
        "364--367",
    ),
    link: Link::Doi("10.1080/01621459.1974.10482955"),
};

/// Owen (2007).
pub const OWEN: &Reference = &Reference {
    key: "owen2007",
    authors: &["Owen, Art B."],
    year: 2007,
    title: "The pigeonhole bootstrap",
    venue: Venue::Journal("The Annals of Applied Statistics", "1(2)", "386--411"),
    link: Link::Doi("10.1214/07-AOAS122"),
};

/// Demšar (2006).
pub const DEMSAR: &Reference = &Reference {
    key: "demsar2006",
    authors: &["Demšar, Janez"],
    year: 2006,
    title: "Statistical comparisons of classifiers over multiple data sets",
    venue: Venue::Journal("Journal of Machine Learning Research", "7", "1--30"),
    link: Link::Url("https://jmlr.org/papers/v7/demsar06a.html"),
};
