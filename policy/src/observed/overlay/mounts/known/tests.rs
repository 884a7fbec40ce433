use super::*;

#[test]
fn paths_are_compared_by_what_usual_links_lead_to() {
    let table = [
        ("/var/run/x", "/run/x"),
        ("/var/run", "/run"),
        ("/var/running", "/var/running"),
        ("/lib64/ld.so", "/usr/lib64/ld.so"),
        ("/lib/x", "/usr/lib/x"),
        ("/data/", "/data"),
        ("/data//x/./y/.", "/data/x/y"),
        ("/data/../x", "/data/../x"),
        ("./data", "/data"),
        ("data", "/data"),
        ("/", "/"),
        ("", "/"),
    ];
    for (path, expected) in table {
        assert_eq!(plain(path), expected, "{path}");
    }
}

#[test]
fn a_path_is_within_a_folder_by_whole_names() {
    for (path, folder, expected) in [
        ("/a/b", "/a", true),
        ("/a", "/a", true),
        ("/ab", "/a", false),
        ("/a", "/", true),
        ("/a", "/a/b", false),
    ] {
        assert_eq!(is_within(path, folder), expected, "{path} {folder}");
    }
}
