-- Invented concerns, as many as the pools hold rows. Run by scripts/bench_rows.py, which fills in what stands in braces.
CREATE UNLOGGED TABLE made AS SELECT n, reference, telephone, number, md5('conversation' || n)::uuid AS conversation,
    md5('key' || n)::uuid AS key, now() - ({count} - n) * interval '{apart}' AS opened,
    floor({names} * random())::int AS name, floor({texts} * random())::int AS told, floor({texts} * random())::int AS more,
    floor((SELECT count(*) FROM pool_prison) * random() ^ 1.3)::int AS prison, {count} - n < {open} AS is_open,
    CASE WHEN n % 10 = 0 THEN 'emergency' WHEN n % 10 < 7 THEN 'urgent' ELSE 'routine' END AS urgency
    FROM pool_row;
INSERT INTO data_key (id, owner, wrapped, made_at) SELECT key, conversation, '{wrapped}', opened FROM made;
INSERT INTO conversation (id, channel, opened_at) SELECT conversation, 'web', opened FROM made;
INSERT INTO message (id, conversation_id, sender, text, state, media, buttons, sources, at)
    SELECT made.n, conversation, 'family', replace(key::text, '-', '') || ':' || sealed, 'answered', '[]', '[]', '[]',
    opened FROM made JOIN pool_text ON pool_text.n = told;
INSERT INTO message (id, conversation_id, sender, text, state, media, buttons, sources, answer, at)
    SELECT {count} + made.n, conversation, 'bot', replace(key::text, '-', '') || ':' || sealed, 'out', '[]', '[]', '[]',
    'visits/' || made.n % 200, opened FROM made JOIN pool_text ON pool_text.n = told;
INSERT INTO feedback (conversation_id, about, score, at)
    SELECT conversation, 'service', 1 + n % 5, opened FROM made WHERE n % 10 = 0;
INSERT INTO concern (id, reference, conversation_id, opened_by, channel, opened_at, status, urgency, category, subject,
    model_version, prison_id, prisoner_name, relationship_group, next_alarm_at, escalation_step, acknowledged_at, outcome,
    closed_at)
    SELECT made.n, reference, conversation, made.n, 'web', opened, CASE WHEN is_open THEN 'open' ELSE 'closed' END,
    urgency, (ARRAY['self_harm_suicide', 'violence_bullying', 'drugs', 'mental_health', 'other'])[1 + made.n % 5],
    'prisoner', 'invented', pool_prison.id, replace(key::text, '-', '') || ':' || sealed,
    (ARRAY['parent', 'partner', 'sibling', 'friend'])[1 + made.n % 4],
    CASE WHEN is_open THEN now() + interval '1 hour' END, 0,
    CASE WHEN NOT is_open THEN opened + random() * interval '1 hour' END,
    CASE WHEN NOT is_open THEN (ARRAY['welfare_check', 'acct_opened', 'healthcare_told'])[1 + made.n % 3] END,
    CASE WHEN NOT is_open THEN opened + interval '1 hour' + random() * interval '1 day' END
    FROM made JOIN pool_name ON pool_name.n = name JOIN pool_prison ON pool_prison.n = made.prison;
INSERT INTO concern_words SELECT n, n FROM made;
INSERT INTO concern_link SELECT n, n - 1, 'name', opened FROM made WHERE n % 5 = 0;
INSERT INTO concern_search SELECT made.n, pool_name.tokens || a.tokens || b.tokens
    || ARRAY[made.telephone, made.number, pool_prison.token]
    FROM made JOIN pool_name ON pool_name.n = name JOIN pool_text a ON a.n = told JOIN pool_text b ON b.n = more
    JOIN pool_prison ON pool_prison.n = made.prison;
INSERT INTO log_entry (id, happened_at, event, actor, concern_id, message_id, details, previous_hash, hash, hmac)
    SELECT n, opened, 'concern:opened', 'family', n, n, '{}', md5(n::text), md5(n::text), md5(n::text) FROM made;
