//! Criteria as people write them: `platform equals cisco_ios and (address in_network 10.0.0.0/8 or not name starts lab-)`.

use std::fmt;

use super::{Condition, Criteria, Field, InvalidCriteria, Operator};

/// The longest text of a rule, in characters.
const MAX_TEXT: usize = 20_000;
/// The most parentheses and `not` inside each other that are read at all.
const MAX_NESTING: usize = 30;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Something else was expected.
    #[error("At character {at}: {found}; expected {expected}.")]
    Unexpected {
        /// Where, counted from 1.
        at: usize,
        /// What stands there.
        found: String,
        /// What may stand there.
        expected: String,
    },
    /// A quotation mark without its other half.
    #[error("At character {0}: the quotation mark is never closed; put a \" behind the value.")]
    Unclosed(usize),
    /// Too long.
    #[error("The rule is too long; use at most {MAX_TEXT} characters.")]
    Long,
    /// Too many parentheses.
    #[error("At character {0}: too many parentheses inside each other.")]
    Nested(usize),
    /// It can be read and makes no rule.
    #[error(transparent)]
    Invalid(#[from] InvalidCriteria),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Open,
    Close,
    Word(String),
    Quoted(String),
}

/// Reads criteria, which are then fit to be a rule.
pub fn parse(text: &str) -> Result<Criteria, ParseError> {
    if text.chars().count() > MAX_TEXT {
        return Err(ParseError::Long);
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, end: text.chars().count() + 1, nesting: 0 };
    let criteria = parser.any_of()?;
    if let Some((at, token)) = parser.tokens.first() {
        return Err(unexpected(*at, token, "and, or, or the end"));
    }
    criteria.compile()?;
    Ok(criteria)
}

fn unexpected(at: usize, token: &Token, expected: &str) -> ParseError {
    let found = match token {
        Token::Open => "\"(\"".to_owned(),
        Token::Close => "\")\"".to_owned(),
        Token::Word(word) => format!("\"{}\"", word.chars().take(40).collect::<String>()),
        Token::Quoted(_) => "a text in quotation marks".to_owned(),
    };
    ParseError::Unexpected { at, found, expected: expected.to_owned() }
}

/// The words with their places, counted from 1.
fn tokens(text: &str) -> Result<Vec<(usize, Token)>, ParseError> {
    let (mut found, mut rest) = (Vec::new(), text.chars().zip(1_usize..).peekable());
    while let Some((c, at)) = rest.next() {
        match c {
            '(' => found.push((at, Token::Open)),
            ')' => found.push((at, Token::Close)),
            '"' => {
                let (mut value, mut is_closed) = (String::new(), false);
                while let Some((c, _)) = rest.next() {
                    match c {
                        '"' => {
                            is_closed = true;
                            break;
                        }
                        // Only what printing escapes is an escape; a pattern's own backslashes stay.
                        '\\' => match rest.next_if(|(next, _)| matches!(next, '"' | '\\')) {
                            Some((escaped, _)) => value.push(escaped),
                            None => value.push('\\'),
                        },
                        other => value.push(other),
                    }
                }
                if !is_closed {
                    return Err(ParseError::Unclosed(at));
                }
                found.push((at, Token::Quoted(value)));
            }
            c if c.is_whitespace() => {}
            c => {
                let mut word = String::from(c);
                while let Some((next, _)) = rest.next_if(|(next, _)| !ends_word(*next)) {
                    word.push(next);
                }
                found.push((at, Token::Word(word)));
            }
        }
    }
    Ok(found)
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"')
}

struct Parser<'a> {
    tokens: &'a [(usize, Token)],
    end: usize,
    nesting: usize,
}

impl<'a> Parser<'a> {
    fn next(&mut self, expected: &str) -> Result<(usize, &'a Token), ParseError> {
        match self.tokens.split_first() {
            Some(((at, token), rest)) => {
                self.tokens = rest;
                Ok((*at, token))
            }
            None => Err(ParseError::Unexpected {
                at: self.end,
                found: "the rule ends here".to_owned(),
                expected: expected.to_owned(),
            }),
        }
    }

    /// Takes the word if it is next.
    fn takes(&mut self, word: &str) -> bool {
        match self.tokens.split_first() {
            Some(((_, Token::Word(next)), rest)) if next.eq_ignore_ascii_case(word) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn any_of(&mut self) -> Result<Criteria, ParseError> {
        let mut inside = vec![self.all_of()?];
        while self.takes("or") {
            inside.push(self.all_of()?);
        }
        Ok(one_or(inside, Criteria::Or))
    }

    fn all_of(&mut self) -> Result<Criteria, ParseError> {
        let mut inside = vec![self.one()?];
        while self.takes("and") {
            inside.push(self.one()?);
        }
        Ok(one_or(inside, Criteria::And))
    }

    fn one(&mut self) -> Result<Criteria, ParseError> {
        let expected = || {
            format!(
                "a field ({}), not, or \"(\"",
                Field::ALL.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(", ")
            )
        };
        let (at, token) = self.next(&expected())?;
        let word = match token {
            Token::Word(word) => word.to_lowercase(),
            Token::Open => {
                let inside = self.nested(at, Self::any_of)?;
                let (at, close) = self.next("\")\"")?;
                return if *close == Token::Close {
                    Ok(inside)
                } else {
                    Err(unexpected(at, close, "and, or, or \")\""))
                };
            }
            Token::Close | Token::Quoted(_) => return Err(unexpected(at, token, &expected())),
        };
        if word == "not" {
            return Ok(Criteria::Not(Box::new(self.nested(at, Self::one)?)));
        }
        let field = word.parse::<Field>().map_err(|_| unexpected(at, token, &expected()))?;
        self.condition(field).map(Criteria::Condition)
    }

    fn nested(
        &mut self,
        at: usize,
        inside: impl FnOnce(&mut Self) -> Result<Criteria, ParseError>,
    ) -> Result<Criteria, ParseError> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(ParseError::Nested(at));
        }
        let found = inside(self);
        self.nesting -= 1;
        found
    }

    fn condition(&mut self, field: Field) -> Result<Condition, ParseError> {
        let words = Operator::ALL.iter().map(|operator| operator.as_str()).collect::<Vec<_>>().join(", ");
        let (at, token) = self.next(&words)?;
        let operator = match token {
            Token::Word(word) => word.to_lowercase().parse().ok(),
            Token::Open | Token::Close | Token::Quoted(_) => None,
        };
        let operator = operator.ok_or_else(|| unexpected(at, token, &words))?;
        let (at, token) = self.next("a value")?;
        match token {
            Token::Word(value) | Token::Quoted(value) => {
                Ok(Condition { field, operator, value: value.clone() })
            }
            Token::Open | Token::Close => {
                Err(unexpected(at, token, "a value; put it in quotation marks if it holds parentheses"))
            }
        }
    }
}

fn one_or(mut inside: Vec<Criteria>, group: fn(Vec<Criteria>) -> Criteria) -> Criteria {
    match (inside.len(), inside.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            inside.extend(last);
            group(inside)
        }
    }
}

impl fmt::Display for Criteria {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grouped = |inside: &Self, f: &mut fmt::Formatter<'_>| match inside {
            Self::And(_) | Self::Or(_) => write!(f, "({inside})"),
            Self::Condition(_) | Self::Not(_) => write!(f, "{inside}"),
        };
        let (inside, word) = match self {
            Self::Condition(Condition { field, operator, value }) => {
                write!(f, "{field} {operator} ")?;
                return if value.is_empty() || value.chars().any(|c| ends_word(c) || c == '\\') {
                    write!(f, "\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
                } else {
                    f.write_str(value)
                };
            }
            Self::Not(inside) => {
                f.write_str("not ")?;
                return grouped(inside, f);
            }
            Self::And(inside) => (inside, " and "),
            Self::Or(inside) => (inside, " or "),
        };
        for (i, criteria) in inside.iter().enumerate() {
            if i > 0 {
                f.write_str(word)?;
            }
            grouped(criteria, f)?;
        }
        Ok(())
    }
}
