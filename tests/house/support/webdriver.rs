//! The `WebDriver` protocol, as far as the tests speak it to `ChromeDriver`: JSON over plain HTTP.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The name under which the protocol gives elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One session with a browser; closes the browser when dropped.
pub struct Session {
    client: Client,
    port: u16,
    id: String,
}

impl Session {
    /// Opens a session at the driver that listens on this port of 127.0.0.1.
    pub async fn open(port: u16, capabilities: Value) -> Self {
        // A browser may be started before a house, and then nobody has chosen the process's TLS yet.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(Duration::from_mins(1)).build().expect("an HTTP client");
        let mut session = Self { client, port, id: String::new() };
        let wish = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let answer = session.request(Method::POST, String::new(), Some(wish)).await;
        let answer = answer.unwrap_or_else(|why| panic!("ChromeDriver opens no browser: {why}"));
        answer["sessionId"].as_str().expect("a session id").clone_into(&mut session.id);
        session
    }

    /// Sends a command and gives its value; panics with what the driver said when it refuses.
    pub async fn post(&self, command: &str, body: Value) -> Value {
        self.try_post(command, body).await.unwrap_or_else(|why| panic!("{command}: {why}"))
    }

    /// Sends a command and gives its value, or what the driver said.
    pub async fn try_post(&self, command: &str, body: Value) -> Result<Value, String> {
        self.request(Method::POST, format!("/{}/{command}", self.id), Some(body)).await
    }

    /// Asks for a value.
    pub async fn get(&self, command: &str) -> Value {
        let answer = self.try_get(command).await;
        answer.unwrap_or_else(|why| panic!("{command}: {why}"))
    }

    /// Asks for a value, or for what the driver said.
    pub async fn try_get(&self, command: &str) -> Result<Value, String> {
        self.request(Method::GET, format!("/{}/{command}", self.id), None).await
    }

    /// Sends a command of the Chrome `DevTools` protocol.
    pub async fn devtools(&self, command: &str, params: Value) -> Value {
        self.post("goog/cdp/execute", json!({ "cmd": command, "params": params })).await
    }

    /// The element that a CSS selector finds first.
    pub async fn element(&self, selector: &str) -> Result<String, String> {
        let found = self.try_post("element", json!({ "using": "css selector", "value": selector })).await?;
        found[ELEMENT].as_str().map(str::to_owned).ok_or_else(|| format!("no element in {found}"))
    }

    async fn request(&self, method: Method, path: String, body: Option<Value>) -> Result<Value, String> {
        let url = format!("http://127.0.0.1:{}/session{path}", self.port);
        let mut request = self.client.request(method, url);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let answer = request.send().await.map_err(|why| format!("{why:?}"))?;
        let is_good = answer.status().is_success();
        let text = answer.text().await.map_err(|why| why.to_string())?;
        let json: Value = serde_json::from_str(&text).map_err(|why| format!("{why} in {text}"))?;
        if is_good { Ok(json["value"].clone()) } else { Err(json["value"]["message"].to_string()) }
    }
}

impl Drop for Session {
    // By hand, because dropping cannot wait for a future: the browser is gone when the answer is there.
    fn drop(&mut self) {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) {
            let request = format!(
                "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
                self.id, self.port
            );
            drop(stream.set_read_timeout(Some(Duration::from_secs(5))));
            drop(stream.write_all(request.as_bytes()));
            drop(stream.read(&mut [0; 512]));
        }
    }
}
