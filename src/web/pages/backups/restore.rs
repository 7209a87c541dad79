//! How a person puts a raw text back on a device, by kind of device. NetRaven itself writes nothing to devices.

/// The steps for a platform, in plain words.
pub fn steps(platform: &str) -> &'static [&'static str] {
    match platform {
        "cisco_ios" => &[
            "Download the raw text and copy it to the device, for example with: copy scp: flash:restore.cfg",
            "Read it first: the lines before \"version\" and after \"end\" do no harm, but the text holds passwords.",
            "Run: configure replace flash:restore.cfg list. It shows which lines it changes and asks before it does. Where the device has no configure replace, run: copy flash:restore.cfg startup-config, then reload.",
            "Check that the device answers and that users are served, then run: write memory",
            "Delete the file from flash: it holds secrets.",
        ],
        "arista_eos" => &[
            "Download the raw text and copy it to the device, for example with: copy scp: flash:restore.cfg",
            "Run: configure session restore, then rollback clean-config, then copy flash:restore.cfg session-config",
            "Run: show session-config diffs, and read what would change.",
            "Run: commit timer 00:05:00. If you lose the device, it goes back by itself; otherwise run commit in the session again, then write memory.",
            "Delete the file from flash: it holds secrets.",
        ],
        "juniper_junos" => &[
            "Download the raw text and copy it to the device, for example with: scp restore.cfg admin@device:/var/tmp/",
            "Run: configure exclusive, then load override /var/tmp/restore.cfg. If the text consists of set commands, use load set instead, after: delete",
            "Run: show | compare, and read what would change.",
            "Run: commit confirmed 5. If you lose the device, it goes back by itself; otherwise run: commit",
            "Delete the file from /var/tmp: it holds secrets.",
        ],
        "mikrotik_routeros" => &[
            "Download the raw text and copy it to the device's files as restore.rsc, for example with scp or WinBox.",
            "The text is an export: it adds to what is there. For a full restore, reset first with: /system reset-configuration no-defaults=yes skip-backup=yes run-after-reset=restore.rsc",
            "For a single part, paste only its lines into the terminal.",
            "Passwords of users and certificates are not part of an export; set them again by hand.",
            "Check that the device answers, then delete the file: it holds secrets.",
        ],
        "frr" => &[
            "Download the raw text and copy it to the router as /etc/frr/frr.conf.new, readable by frr only.",
            "Check it with: vtysh -C -f /etc/frr/frr.conf.new",
            "Keep the present file: cp /etc/frr/frr.conf /etc/frr/frr.conf.before",
            "Put the new one in place and let FRR take it over: mv /etc/frr/frr.conf.new /etc/frr/frr.conf, then systemctl reload frr",
            "Check the neighbours with: vtysh -c \"show bgp summary\" or the like for your protocols.",
        ],
        "linux" => &[
            "Download the raw text. It holds the files that NetRaven reads from this host, one after the other, each under its name.",
            "Copy the part of each file that you want back into its place, after keeping the present file beside it.",
            "Give each file its owner and mode again; the text does not hold them.",
            "Let the services read them anew, for example with: systemctl reload NAME",
        ],
        _ => &[
            "Download the raw text. It is byte for byte what the device printed.",
            "Read in the vendor's manual how this kind of device loads a whole configuration, and whether it replaces or adds.",
            "Keep a copy of the present configuration on the device.",
            "Load the text, look at what would change, and activate it with a way back (a timer or the console).",
            "Save it so that it survives a restart, and delete the copy from the device: it holds secrets.",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn every_shipped_platform_has_steps_of_its_own() {
        let shipped = ["arista_eos", "cisco_ios", "frr", "juniper_junos", "linux", "mikrotik_routeros"];
        for platform in shipped {
            assert!(steps(platform).len() > 3 && steps(platform) != steps("another"), "{platform}");
        }
    }
}
