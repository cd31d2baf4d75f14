//! Problems as HTML pages, where the request prefers them.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};

use crate::Problem;

/// Makes the page of a problem.
pub(crate) type ErrorPage = fn(&Problem) -> String;

/// Whether HTML is wanted more than JSON; where both are equally welcome, it is JSON.
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let accept: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    let accept = accept.join(",");
    let json = weight(&accept, "application", "problem+json").max(weight(&accept, "application", "json"));
    weight(&accept, "text", "html") > json
}

/// What the most specific range that fits says of a type: 0 to 1000.
fn weight(accept: &str, kind: &str, subtype: &str) -> u16 {
    let mut best = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let (major, minor) = parts.next().unwrap_or_default().split_once('/').unwrap_or_default();
        let specific = match (major.eq_ignore_ascii_case(kind), minor.eq_ignore_ascii_case(subtype)) {
            (true, true) => 3,
            (true, _) if minor == "*" => 2,
            _ if (major, minor) == ("*", "*") => 1,
            _ => continue,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let quality = quality.map_or(1.0, |quality| quality.parse::<f32>().unwrap_or(0.0)).clamp(0.0, 1.0);
        if specific > best.0 {
            best = (specific, (quality * 1000.0) as u16);
        }
    }
    best.1
}

/// The response with an HTML page in place of its problem.
pub(crate) fn as_html(mut response: Response, page: ErrorPage) -> Response {
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    let html = page(problem);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(html);
    response
}

/// The page of a problem where the application brings none.
pub(crate) fn plain_page(problem: &Problem) -> String {
    let title = problem.title();
    let list: String = problem
        .errors()
        .iter()
        .map(|error| format!("<li>{}: {}</li>", escape(&error.pointer), escape(&error.detail)))
        .collect();
    let list = if list.is_empty() { list } else { format!("<ul>{list}</ul>") };
    let text = problem.text().map(|text| format!("<p>{}</p>", escape(text))).unwrap_or_default();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1>{text}{list}</main></body></html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wants_html() {
        for (accept, html) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("*/*", false),
            ("application/json", false),
            ("text/html;q=0.5, application/json;q=0.4", true),
            ("text/html;q=0.4, application/problem+json", false),
            ("text/*", true),
            ("text/html;q=0, */*", false),
            ("text/html;q=nonsense", false),
            ("", false),
            (";;,,/", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            assert_eq!(prefers_html(&headers), html, "{accept}");
        }
        assert!(!prefers_html(&HeaderMap::new()));
    }

    #[test]
    fn a_page_holds_no_markup_of_others() {
        let page = plain_page(&Problem::not_found().detail("<script>\"&"));
        assert!(page.contains("&lt;script&gt;&quot;&amp;"), "{page}");
    }
}
