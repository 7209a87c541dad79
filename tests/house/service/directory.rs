//! Contents in files: read as those in the database are, and told when they are not what they were.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use netraven::{
    domain::{id::BackupId, setting::Wanted},
    service::{Core, backups, settings, upkeep},
};

use crate::support::{house::House, sql, stock};

async fn store_in(core: &Core, place: &str) {
    let wanted = Wanted::Value(place.to_owned());
    settings::set(core, &stock::grant(), "system.backup.storage_type", wanted).await.unwrap();
}

async fn text(core: &Core, id: BackupId) -> Result<String, String> {
    let version = backups::find(core, &stock::grant(), id).await.unwrap().unwrap();
    let bytes =
        backups::download(core, &stock::grant(), &version).await.map_err(|fault| fault.to_string())?;
    Ok(String::from_utf8(bytes).unwrap())
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut all: Vec<PathBuf> = Vec::new();
    for entry in found {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

const ONE: &str = "hostname one\nenable secret 5 $1$abcd$Xyz0123456789Xyz0123.\nend\n";
const TWO: &str = "hostname two\nend\n";

#[tokio::test]
async fn new_contents_go_where_the_setting_says_and_old_ones_stay_readable() {
    let house = House::new().await;
    let core = &house.core;
    let folder = core.data_dir.join("contents");
    let device = stock::device(core, "core-1").await;
    let zero = stock::version(core, device, "hostname zero\nend\n").await;
    assert_eq!(files(&folder), Vec::<PathBuf>::new());
    store_in(core, "directory").await;
    let one = stock::version(core, device, ONE).await;
    let kept = files(&folder);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let version = backups::find(core, &stock::grant(), one).await.unwrap().unwrap();
    assert_eq!(kept[0].parent(), Some(folder.join(&version.sha256[..2]).as_path()));
    assert!(kept[0].file_name().unwrap().to_str().unwrap().starts_with(&version.sha256[2..]));
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept[0]), mode(kept[0].parent().unwrap())), (0o600, 0o700));
    // Sealed, and nowhere else.
    let bytes = String::from_utf8_lossy(&std::fs::read(&kept[0]).unwrap()).into_owned();
    assert!(!bytes.contains("hostname") && !bytes.contains("$1$abcd"));
    let row = "SELECT place || ' ' || CAST(length(sealed) AS TEXT) AS value FROM contents ORDER BY created_at, place";
    assert!(sql::texts(core, row).await.contains(&"directory 0".to_owned()));
    store_in(core, "local").await;
    let two = stock::version(core, device, TWO).await;
    assert_eq!(files(&folder), kept, "from here on in the database again");
    for (id, wanted) in [(zero, "hostname zero\nend\n"), (one, ONE), (two, TWO)] {
        assert_eq!(text(core, id).await.unwrap(), wanted);
    }
    // The same text again, now for the database: it moves there, and its file is no longer needed.
    let again = stock::version(core, device, ONE).await;
    assert_eq!(sql::number(core, "SELECT count(*) FROM contents WHERE place = 'directory'").await, 0);
    std::fs::remove_file(&kept[0]).unwrap();
    assert_eq!(text(core, again).await.unwrap(), ONE);
}

#[tokio::test]
async fn a_file_that_is_damaged_or_gone_is_told_and_mended_by_the_next_capture() {
    let house = House::new().await;
    let core = &house.core;
    store_in(core, "directory").await;
    let device = stock::device(core, "core-1").await;
    let one = stock::version(core, device, ONE).await;
    let file = files(&core.data_dir.join("contents")).remove(0);
    let whole = std::fs::read(&file).unwrap();
    for at in [0, 12, 40, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&file, &damaged).unwrap();
        assert!(text(core, one).await.is_err(), "byte {at}");
    }
    std::fs::write(&file, &whole[..whole.len() / 2]).unwrap();
    assert!(text(core, one).await.is_err(), "half a file");
    std::fs::remove_file(&file).unwrap();
    let why = text(core, one).await.unwrap_err();
    assert!(why.contains("cannot be used"), "{why}");
    stock::version(core, device, TWO).await;
    stock::version(core, device, ONE).await;
    assert_eq!(text(core, one).await.unwrap(), ONE);
}

// Files from before names were used once only are called by their hash alone.
#[tokio::test]
async fn files_of_old_are_read_and_kept() {
    let house = House::new().await;
    let core = &house.core;
    store_in(core, "directory").await;
    let device = stock::device(core, "core-1").await;
    let one = stock::version(core, device, ONE).await;
    let file = files(&core.data_dir.join("contents")).remove(0);
    let old = file.with_extension("");
    std::fs::rename(&file, &old).unwrap();
    assert!(text(core, one).await.is_err(), "the row names another file");
    sql::run(core, "UPDATE contents SET object = '', key_id = 0").await;
    assert_eq!(text(core, one).await.unwrap(), ONE);
    house.clock.advance(Duration::from_hours(24 * 365 * 30));
    assert_eq!(upkeep::apply(core).await.unwrap().files, 0);
    assert_eq!(text(core, one).await.unwrap(), ONE);
    // Nothing that a row says leads out of the folder.
    sql::run(core, "UPDATE contents SET object = '../../../etc/passwd'").await;
    assert!(text(core, one).await.unwrap_err().contains("not in the archive"));
}

#[tokio::test]
async fn files_that_nothing_refers_to_go_after_a_week() {
    let house = House::new().await;
    let core = &house.core;
    store_in(core, "directory").await;
    let device = stock::device(core, "core-1").await;
    stock::version(core, device, ONE).await;
    stock::version(core, device, TWO).await;
    let folder = core.data_dir.join("contents");
    let shelf = folder.join("ab");
    std::fs::create_dir_all(&shelf).unwrap();
    std::fs::write(shelf.join("half.part"), b"x").unwrap();
    assert_eq!(upkeep::apply(core).await.unwrap().files, 0, "all are young");
    // The files' times are real ones, so the house's clock goes well beyond them.
    house.clock.advance(Duration::from_hours(24 * 365 * 30));
    let swept = upkeep::apply(core).await.unwrap();
    assert_eq!((swept.versions, swept.contents, swept.files), (1, 1, 2));
    assert_eq!(files(&folder).len(), 1);
    let newest = backups::newest(core, &stock::grant(), device).await.unwrap().unwrap();
    assert_eq!(text(core, newest.id).await.unwrap(), TWO);
}
