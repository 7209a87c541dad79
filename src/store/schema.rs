//! The tables, the same in both databases; `tests/house/laws/migrations.rs` holds this file against them.

diesel::table! {
    users (id) {
        id -> BigInt,
        username -> Text,
        username_key -> Text,
        email -> Nullable<Text>,
        role -> Text,
        password_hash -> Text,
        is_enabled -> Bool,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        last_sign_in_at -> Nullable<Timestamp>,
        email_key -> Nullable<Text>,
        full_name -> Text,
        version -> Integer,
        scope -> Text,
        mail_rhythm -> Text,
        mail_events -> Text,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        token_hash -> Text,
        user_id -> BigInt,
        address -> Nullable<Text>,
        created_at -> Timestamp,
        seen_at -> Timestamp,
        expires_at -> Timestamp,
        user_agent -> Nullable<Text>,
        confirmed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    setup_tokens (id) {
        id -> BigInt,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    data_keys (id) {
        id -> BigInt,
        wrapped -> Binary,
        created_at -> Timestamp,
        state -> Text,
        retired_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    credentials (id) {
        id -> BigInt,
        row_key -> Text,
        username -> Text,
        password -> Nullable<Binary>,
        enable_secret -> Nullable<Binary>,
        private_key -> Nullable<Binary>,
        passphrase -> Nullable<Binary>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        name -> Nullable<Text>,
        name_key -> Nullable<Text>,
        description -> Text,
        version -> Integer,
        revision -> Integer,
        previous_id -> Nullable<BigInt>,
        rotated_at -> Nullable<Timestamp>,
        success_count -> BigInt,
        failure_count -> BigInt,
        last_used_at -> Nullable<Timestamp>,
        last_success_at -> Nullable<Timestamp>,
        last_failure_at -> Nullable<Timestamp>,
        refusals_in_row -> Integer,
        stopped_at -> Nullable<Timestamp>,
        most_sessions -> Nullable<Integer>,
    }
}

diesel::table! {
    devices (id) {
        id -> BigInt,
        name -> Text,
        name_key -> Text,
        address -> Text,
        port -> Integer,
        platform -> Text,
        transport -> Text,
        description -> Text,
        is_enabled -> Bool,
        credential_id -> Nullable<BigInt>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        current_backup_id -> Nullable<BigInt>,
        last_good_at -> Nullable<Timestamp>,
        last_changed_at -> Nullable<Timestamp>,
        last_job_id -> Nullable<BigInt>,
        last_job_at -> Nullable<Timestamp>,
        last_job_state -> Nullable<Text>,
        last_job_outcome -> Nullable<Text>,
        last_job_class -> Nullable<Text>,
        serial_number -> Text,
        owner_id -> Nullable<BigInt>,
        is_reachable -> Nullable<Bool>,
        reachability_at -> Nullable<Timestamp>,
        reachability_note -> Nullable<Text>,
        deleted_at -> Nullable<Timestamp>,
        deleted_by -> Nullable<Text>,
        failing_since -> Nullable<Timestamp>,
        failing_told_at -> Nullable<Timestamp>,
        last_credential_id -> Nullable<BigInt>,
        time_limit -> Nullable<Integer>,
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        name -> Text,
        created_at -> Timestamp,
        description -> Text,
        color -> Text,
        is_default -> Bool,
        updated_at -> Nullable<Timestamp>,
        most_sessions -> Nullable<Integer>,
    }
}

diesel::table! {
    device_tags (device_id, tag_id) {
        device_id -> BigInt,
        tag_id -> BigInt,
        by_person -> Bool,
    }
}

diesel::table! {
    host_keys (id) {
        id -> BigInt,
        device_id -> BigInt,
        address -> Text,
        port -> Integer,
        algorithm -> Text,
        fingerprint -> Text,
        public_key -> Text,
        pinned_at -> Timestamp,
        pinned_by -> Text,
        refused_algorithm -> Nullable<Text>,
        refused_fingerprint -> Nullable<Text>,
        refused_public_key -> Nullable<Text>,
        refused_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    schedules (id) {
        id -> BigInt,
        name -> Text,
        description -> Text,
        kind -> Text,
        recurrence -> Text,
        targets -> Text,
        is_enabled -> Bool,
        grace_minutes -> Integer,
        retention_days -> Nullable<Integer>,
        user_id -> Nullable<BigInt>,
        created_by -> Text,
        version -> Integer,
        next_run_at -> Nullable<Timestamp>,
        last_run_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        spread_minutes -> Integer,
    }
}

diesel::table! {
    batches (id) {
        id -> BigInt,
        schedule_id -> Nullable<BigInt>,
        slot_at -> Nullable<Timestamp>,
        started_by -> Text,
        created_at -> Timestamp,
        user_id -> Nullable<BigInt>,
        note -> Nullable<Text>,
        retention_days -> Nullable<Integer>,
    }
}

diesel::table! {
    jobs (id) {
        id -> BigInt,
        kind -> Text,
        batch_id -> BigInt,
        device_id -> Nullable<BigInt>,
        device_name -> Text,
        state -> Text,
        started_by -> Text,
        priority -> Integer,
        queued_at -> Timestamp,
        due_at -> Timestamp,
        attempt -> Integer,
        fence -> BigInt,
        lease_owner -> Nullable<Text>,
        lease_until -> Nullable<Timestamp>,
        is_cancel_wanted -> Bool,
        started_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
        class -> Nullable<Text>,
        stage -> Nullable<Text>,
        message -> Nullable<Text>,
        backup_id -> Nullable<BigInt>,
        suspect_id -> Nullable<BigInt>,
        bytes -> Nullable<BigInt>,
        lines -> Nullable<Integer>,
        sha256 -> Nullable<Text>,
        duration_ms -> Nullable<BigInt>,
        payload -> Nullable<Text>,
        credential_id -> Nullable<BigInt>,
        credential_name -> Nullable<Text>,
        turn -> BigInt,
        deaths -> Integer,
    }
}

diesel::table! {
    entries (job_id, seq) {
        job_id -> BigInt,
        seq -> BigInt,
        at -> Timestamp,
        level -> Text,
        stage -> Nullable<Text>,
        text -> Text,
        was_truncated -> Nullable<Text>,
    }
}

diesel::table! {
    screens (job_id) {
        job_id -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    contents (sha256) {
        sha256 -> Text,
        sealed -> Binary,
        bytes -> BigInt,
        created_at -> Timestamp,
        place -> Text,
        object -> Text,
        key_id -> BigInt,
        checked_at -> Timestamp,
        is_damaged -> Bool,
    }
}

diesel::table! {
    storage_work (kind) {
        kind -> Text,
        target -> Nullable<Text>,
        started_by -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        lease_until -> Timestamp,
        position -> Text,
        done -> BigInt,
        failed -> BigInt,
        message -> Nullable<Text>,
    }
}

diesel::table! {
    backups (id) {
        id -> BigInt,
        device_id -> BigInt,
        job_id -> Nullable<BigInt>,
        platform -> Text,
        taken_at -> Timestamp,
        verified_at -> Timestamp,
        seen -> Integer,
        sha256 -> Text,
        fingerprint -> Text,
        info_sha256 -> Nullable<Text>,
        bytes -> BigInt,
        lines -> Integer,
        added -> Integer,
        removed -> Integer,
        is_pinned -> Bool,
        note -> Text,
        started_by -> Text,
        checked_at -> Nullable<Timestamp>,
        is_damaged -> Bool,
        accepted_lines -> Nullable<Integer>,
    }
}

diesel::table! {
    suspects (id) {
        id -> BigInt,
        device_id -> BigInt,
        job_id -> Nullable<BigInt>,
        platform -> Text,
        taken_at -> Timestamp,
        reason -> Text,
        sha256 -> Text,
        bytes -> BigInt,
        lines -> Integer,
    }
}

diesel::table! {
    audit_events (id) {
        id -> BigInt,
        at -> Timestamp,
        actor -> Text,
        user_id -> Nullable<BigInt>,
        address -> Nullable<Text>,
        event -> Text,
        object -> Text,
        detail -> Nullable<Text>,
        request -> Nullable<Text>,
        object_kind -> Text,
        object_id -> Nullable<BigInt>,
        outcome -> Text,
        changes -> Nullable<Text>,
        seq -> Nullable<BigInt>,
        mac -> Nullable<Text>,
        session_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    settings (id) {
        id -> BigInt,
        key -> Text,
        value -> Nullable<Text>,
        sealed -> Nullable<Binary>,
        updated_at -> Timestamp,
        updated_by -> Text,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        token_hash -> Text,
        user_id -> BigInt,
        purpose -> Text,
        created_by -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    throttles (id) {
        id -> BigInt,
        key -> Text,
        failures -> Integer,
        first_at -> Timestamp,
        last_at -> Timestamp,
        blocked_until -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tag_rules (id) {
        id -> BigInt,
        name -> Text,
        description -> Text,
        tag_id -> BigInt,
        criteria -> Text,
        is_enabled -> Bool,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    rule_matches (rule_id, device_id) {
        rule_id -> BigInt,
        device_id -> BigInt,
    }
}

diesel::table! {
    user_tags (user_id, tag_id) {
        user_id -> BigInt,
        tag_id -> BigInt,
    }
}

diesel::table! {
    imports (id) {
        id -> BigInt,
        row_key -> Text,
        state -> Text,
        sealed -> Nullable<Binary>,
        mapping -> Text,
        tag_id -> Nullable<BigInt>,
        user_id -> Nullable<BigInt>,
        created_by -> Text,
        created_at -> Timestamp,
        applied_at -> Nullable<Timestamp>,
        undone_at -> Nullable<Timestamp>,
        added -> Integer,
        changed -> Integer,
        rejected -> Nullable<Binary>,
        rejected_count -> Integer,
    }
}

diesel::table! {
    import_rows (import_id, device_id) {
        import_id -> BigInt,
        device_id -> BigInt,
        before -> Nullable<Text>,
        old_credential_id -> Nullable<BigInt>,
        version -> Integer,
    }
}

diesel::table! {
    credential_tags (credential_id, tag_id) {
        credential_id -> BigInt,
        tag_id -> BigInt,
        priority -> Integer,
        success_count -> BigInt,
        failure_count -> BigInt,
        last_used_at -> Nullable<Timestamp>,
        last_success_at -> Nullable<Timestamp>,
        last_failure_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    credential_answers (credential_id, device_id) {
        credential_id -> BigInt,
        device_id -> BigInt,
        revision -> Integer,
        is_accepted -> Bool,
        at -> Timestamp,
    }
}

diesel::table! {
    transcripts (job_id) {
        job_id -> BigInt,
        sealed -> Binary,
        bytes -> BigInt,
        was_truncated -> Bool,
    }
}

diesel::table! {
    schedule_tags (schedule_id, tag_id) {
        schedule_id -> BigInt,
        tag_id -> BigInt,
    }
}

diesel::table! {
    schedule_devices (schedule_id, device_id) {
        schedule_id -> BigInt,
        device_id -> BigInt,
    }
}

diesel::table! {
    blackouts (id) {
        id -> BigInt,
        schedule_id -> Nullable<BigInt>,
        name -> Text,
        days -> Text,
        starts -> Text,
        ends -> Text,
        zone -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    audit_heads (id) {
        id -> BigInt,
        seq -> BigInt,
        mac -> Text,
        sealed_key -> Nullable<Binary>,
        sent_seq -> Nullable<BigInt>,
    }
}

diesel::table! {
    notices (id) {
        id -> BigInt,
        event -> Text,
        cause -> Text,
        device_id -> Nullable<BigInt>,
        device_name -> Text,
        job_id -> Nullable<BigInt>,
        backup_id -> Nullable<BigInt>,
        text -> Text,
        created_at -> Timestamp,
        dealt_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    notice_lines (notice_id, user_id) {
        notice_id -> BigInt,
        user_id -> BigInt,
        due_at -> Timestamp,
    }
}

diesel::table! {
    mails (id) {
        id -> BigInt,
        user_id -> Nullable<BigInt>,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        created_at -> Timestamp,
        due_at -> Timestamp,
        attempts -> Integer,
        lease_until -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        given_up_at -> Nullable<Timestamp>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    self_backups (id) {
        id -> BigInt,
        file -> Text,
        follows -> Nullable<BigInt>,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
        bytes -> BigInt,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    nodes (name) {
        name -> Text,
        kind -> Text,
        host -> Text,
        pid -> BigInt,
        version -> Text,
        started_at -> Timestamp,
        seen_at -> Timestamp,
        ticked_at -> Timestamp,
        running -> Integer,
        places -> Integer,
        key_id -> BigInt,
        is_stopping -> Bool,
    }
}

diesel::table! {
    duties (name) {
        name -> Text,
        owner -> Text,
        taken_at -> Timestamp,
        held_until -> Timestamp,
        done_at -> Timestamp,
    }
}

diesel::table! {
    platform_revisions (id) {
        id -> BigInt,
        platform -> Text,
        source -> Text,
        note -> Text,
        saved_by -> Text,
        saved_at -> Timestamp,
        state -> Text,
        device_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    facts (device_id) {
        device_id -> BigInt,
        told -> Text,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    proposals (device_id) {
        device_id -> BigInt,
        job_id -> Nullable<BigInt>,
        platform -> Text,
        sure -> Integer,
        reasons -> Text,
        second -> Nullable<Text>,
        second_sure -> Nullable<Integer>,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    fact_changes (id) {
        id -> BigInt,
        device_id -> BigInt,
        name -> Text,
        before -> Nullable<Text>,
        after -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    reach (device_id) {
        device_id -> BigInt,
        algorithms -> Text,
        further -> Text,
        jump_host_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    jump_hosts (id) {
        id -> BigInt,
        name -> Text,
        name_key -> Text,
        address -> Text,
        port -> Integer,
        credential_id -> BigInt,
        via_id -> Nullable<BigInt>,
        key_address -> Nullable<Text>,
        key_port -> Nullable<Integer>,
        algorithm -> Nullable<Text>,
        fingerprint -> Nullable<Text>,
        public_key -> Nullable<Text>,
        pinned_at -> Nullable<Timestamp>,
        pinned_by -> Nullable<Text>,
        refused_algorithm -> Nullable<Text>,
        refused_fingerprint -> Nullable<Text>,
        refused_public_key -> Nullable<Text>,
        refused_at -> Nullable<Timestamp>,
        turned_away_revision -> Nullable<Integer>,
        turned_away_at -> Nullable<Timestamp>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    log_weights (job_id) {
        job_id -> BigInt,
        bytes -> BigInt,
    }
}

diesel::table! {
    credential_uses (batch_id, credential_id) {
        batch_id -> BigInt,
        credential_id -> BigInt,
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(devices -> credentials (credential_id));
diesel::joinable!(device_tags -> tags (tag_id));
diesel::joinable!(platform_revisions -> devices (device_id));
diesel::joinable!(facts -> devices (device_id));
diesel::joinable!(reach -> devices (device_id));
diesel::joinable!(fact_changes -> devices (device_id));
diesel::joinable!(proposals -> devices (device_id));
diesel::joinable!(device_tags -> devices (device_id));
diesel::joinable!(host_keys -> devices (device_id));
diesel::joinable!(schedules -> users (user_id));
diesel::joinable!(batches -> schedules (schedule_id));
diesel::joinable!(jobs -> devices (device_id));
diesel::joinable!(jobs -> batches (batch_id));
diesel::joinable!(entries -> jobs (job_id));
diesel::joinable!(log_weights -> jobs (job_id));
diesel::joinable!(screens -> jobs (job_id));
diesel::joinable!(backups -> jobs (job_id));
diesel::joinable!(backups -> devices (device_id));
diesel::joinable!(suspects -> contents (sha256));
diesel::joinable!(suspects -> jobs (job_id));
diesel::joinable!(suspects -> devices (device_id));
diesel::joinable!(invitations -> users (user_id));
diesel::joinable!(tag_rules -> tags (tag_id));
diesel::joinable!(rule_matches -> devices (device_id));
diesel::joinable!(rule_matches -> tag_rules (rule_id));
diesel::joinable!(user_tags -> tags (tag_id));
diesel::joinable!(user_tags -> users (user_id));
diesel::joinable!(imports -> users (user_id));
diesel::joinable!(imports -> tags (tag_id));
diesel::joinable!(import_rows -> devices (device_id));
diesel::joinable!(import_rows -> imports (import_id));
diesel::joinable!(credential_tags -> tags (tag_id));
diesel::joinable!(credential_tags -> credentials (credential_id));
diesel::joinable!(credential_answers -> devices (device_id));
diesel::joinable!(credential_answers -> credentials (credential_id));
diesel::joinable!(transcripts -> jobs (job_id));
diesel::joinable!(schedule_tags -> tags (tag_id));
diesel::joinable!(schedule_tags -> schedules (schedule_id));
diesel::joinable!(schedule_devices -> devices (device_id));
diesel::joinable!(schedule_devices -> schedules (schedule_id));
diesel::joinable!(blackouts -> schedules (schedule_id));
diesel::joinable!(notices -> jobs (job_id));
diesel::joinable!(notices -> devices (device_id));
diesel::joinable!(notice_lines -> users (user_id));
diesel::joinable!(notice_lines -> notices (notice_id));
diesel::joinable!(mails -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    audit_events,
    audit_heads,
    backups,
    batches,
    blackouts,
    contents,
    credential_answers,
    credential_tags,
    credential_uses,
    credentials,
    data_keys,
    device_tags,
    devices,
    duties,
    entries,
    fact_changes,
    platform_revisions,
    facts,
    host_keys,
    import_rows,
    imports,
    invitations,
    jobs,
    jump_hosts,
    log_weights,
    mails,
    nodes,
    notice_lines,
    notices,
    proposals,
    reach,
    rule_matches,
    schedule_devices,
    schedule_tags,
    schedules,
    screens,
    self_backups,
    sessions,
    settings,
    storage_work,
    setup_tokens,
    suspects,
    tag_rules,
    tags,
    throttles,
    transcripts,
    user_tags,
    users,
);
