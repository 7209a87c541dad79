//! The files of `static/`, inside the program, under addresses that change with their content.

use std::{borrow::Cow, collections::BTreeMap, fmt::Write as _, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderMap},
    web,
};
use rust_embed::RustEmbed;

use super::error::PageError;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

struct Asset {
    url: String,
    kind: &'static str,
    plain: Cow<'static, [u8]>,
    gzip: Option<Cow<'static, [u8]>>,
}

static ASSETS: LazyLock<BTreeMap<String, Asset>> = LazyLock::new(|| {
    let assets = Files::iter().filter_map(|name| {
        let kind = kind(&name)?;
        let file = Files::get(&name)?;
        let hash = file.metadata.sha256_hash().iter().take(6).fold(String::new(), |mut hex, byte| {
            // writing to a String cannot fail
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        let gzip = Files::get(&format!("{name}.gz")).map(|packed| packed.data);
        let url = format!("/static/{hash}/{name}");
        Some((name.into_owned(), Asset { url, kind, plain: file.data, gzip }))
    });
    assets.collect()
});

/// The media type of a file that browsers may have; other files of the folder stay inside.
fn kind(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

/// The address of a file; empty for one that does not exist (a test looks for those in the templates).
pub fn url(name: &str) -> &'static str {
    ASSETS.get(name).map_or("", |asset| asset.url.as_str())
}

/// `GET /static/{hash}/{name}`: kept by browsers for a year, because another content has another address.
pub async fn file(req: HttpRequest, path: web::Path<(String, String)>) -> Result<HttpResponse, PageError> {
    let (_, name) = path.into_inner();
    let asset = ASSETS.get(&name).filter(|asset| asset.url == req.path()).ok_or(PageError::NotFound)?;
    let mut reply = HttpResponse::Ok();
    reply
        .content_type(asset.kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"));
    let Some(packed) = &asset.gzip else {
        return Ok(reply.body(web::Bytes::from(asset.plain.to_vec())));
    };
    reply.insert_header((header::VARY, "Accept-Encoding"));
    if takes_gzip(req.headers()) {
        reply.insert_header((header::CONTENT_ENCODING, "gzip"));
        return Ok(reply.body(web::Bytes::from(packed.to_vec())));
    }
    Ok(reply.body(web::Bytes::from(asset.plain.to_vec())))
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|coding| {
            let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
            name.trim().eq_ignore_ascii_case("gzip")
                && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn addresses_carry_the_hash_of_the_content() {
        let address = url("app.css");
        assert!(address.starts_with("/static/") && address.ends_with("/app.css"), "{address}");
        assert_ne!(address.split('/').nth(2), url("app.js").split('/').nth(2));
        assert_eq!(url("nothing.css"), "");
        assert_eq!(url("VENDORED.md"), "");
        assert_eq!(url("tabler.css.gz"), "");
    }

    #[test]
    fn the_packed_file_is_the_plain_one() {
        for asset in ASSETS.values() {
            let Some(packed) = &asset.gzip else { continue };
            let (_, length) = packed.split_last_chunk::<4>().unwrap();
            assert_eq!(usize::try_from(u32::from_le_bytes(*length)), Ok(asset.plain.len()), "{}", asset.url);
        }
    }

    #[test]
    fn gzip_is_for_those_who_ask() {
        for (value, expected) in [
            ("gzip, br", true),
            ("br, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("br", false),
            ("x-gzip", false),
        ] {
            let headers = [(header::ACCEPT_ENCODING, HeaderValue::from_static(value))].into_iter().collect();
            assert_eq!(takes_gzip(&headers), expected, "{value}");
        }
    }

    #[test]
    fn every_icon_and_file_that_templates_name_exists() {
        let sprite = String::from_utf8(Files::get("icons.svg").unwrap().data.into_owned()).unwrap();
        let check = |text: &str, place: &Path| {
            for name in text.split("icon::icon(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(sprite.contains(&format!("id=\"{name}\"")), "{}: no icon {name}", place.display());
            }
            for name in text.split("assets::url(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert_ne!(url(name), "", "{}: no file {name}", place.display());
            }
        };
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("templates")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    check(&fs::read_to_string(&path).unwrap(), &path);
                }
            }
        }
    }
}
