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
    }
}

diesel::table! {
    tags (id) {
        id -> BigInt,
        name -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    device_tags (device_id, tag_id) {
        device_id -> BigInt,
        tag_id -> BigInt,
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
        every_minutes -> Nullable<Integer>,
        daily_at -> Nullable<Text>,
        zone -> Nullable<Text>,
        is_enabled -> Bool,
        next_run_at -> Nullable<Timestamp>,
        last_run_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    batches (id) {
        id -> BigInt,
        schedule_id -> Nullable<BigInt>,
        slot_at -> Nullable<Timestamp>,
        started_by -> Text,
        created_at -> Timestamp,
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
    }
}

diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(devices -> credentials (credential_id));
diesel::joinable!(device_tags -> devices (device_id));
diesel::joinable!(device_tags -> tags (tag_id));
diesel::joinable!(host_keys -> devices (device_id));
diesel::joinable!(batches -> schedules (schedule_id));
diesel::joinable!(jobs -> batches (batch_id));
diesel::joinable!(jobs -> devices (device_id));
diesel::joinable!(entries -> jobs (job_id));
diesel::joinable!(screens -> jobs (job_id));
diesel::joinable!(backups -> devices (device_id));
diesel::joinable!(backups -> jobs (job_id));
diesel::joinable!(suspects -> devices (device_id));
diesel::joinable!(suspects -> jobs (job_id));
diesel::joinable!(suspects -> contents (sha256));

diesel::allow_tables_to_appear_in_same_query!(
    audit_events,
    backups,
    batches,
    contents,
    credentials,
    data_keys,
    device_tags,
    devices,
    entries,
    host_keys,
    jobs,
    schedules,
    screens,
    sessions,
    setup_tokens,
    suspects,
    tags,
    users,
);
