//! What a line of the table says, and how it becomes a route.

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever has this permission.
    Needs(&'static str),
    /// Whoever has this permission and proved who it is within the last minutes (S-27).
    Confirmed(&'static str),
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// `GET` (which answers `HEAD` too) or `POST`.
    pub method: &'static str,
    /// The pattern of the path.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
}

macro_rules! routes {
    (@method GET) => { web::route().guard(guard::Any(guard::Get()).or(guard::Head())) };
    (@method POST) => { web::post() };
    (@access Public) => { Access::Public };
    (@access SignedIn) => { Access::SignedIn };
    (@access Needs($permission:ident)) => { Access::Needs(<$crate::domain::access::$permission as Permission>::NAME) };
    (@access Confirmed($permission:ident)) => { Access::Confirmed(<$crate::domain::access::$permission as Permission>::NAME) };
    (@gate Public, $route:expr) => { $route };
    (@gate SignedIn, $route:expr) => { signed_in($route) };
    (@gate Needs($permission:ident), $route:expr) => { needs::<$crate::domain::access::$permission>($route) };
    (@gate Confirmed($permission:ident), $route:expr) => { confirmed::<$crate::domain::access::$permission>($route) };
    ($($path:literal { $($method:ident => $handler:path : $access:ident $(($permission:ident))?),+ $(,)? })+) => {
        /// Every route there is.
        pub const ROUTES: &[Route] = &[$($(
            Route { method: stringify!($method), path: $path, access: routes!(@access $access $(($permission))?) },
        )+)+];

        /// Mounts every route of the table, each behind its access.
        pub fn mount(cfg: &mut web::ServiceConfig) {
            $(cfg.service(
                gate::resource($path)$(.route(routes!(
                    @gate $access $(($permission))?,
                    routes!(@method $method).to($handler)
                )))+
            );)+
        }
    };
}
