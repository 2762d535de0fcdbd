// Package store is the relay's memory: one bbolt file with the exchanges (each
// request and each try with its answer), the settings that operators edit, what
// the cache of Pulsedive's answers held, and the admin's password and sessions.
//
// It is the only package that knows bbolt. It knows nothing of HTTP, of tokens
// and of how answers are made; an exchange comes to it finished.
//
// Beside the file, while it is open for writing, lies a journal of the exchanges
// that came last; Close removes it, and Open takes over what a killed process left
// in it.
//
// Security: file and journal are of mode 0600. The file holds secrets in one bucket
// of their own (the operator's Pulsedive key, the password's hash, the secret under
// which callers' keys are hashed) and sessions in another, under hashes of their
// tokens; copies made by Backup leave both out, and the kept cache, unless asked.
// Callers' keys and tokens are in no bucket, ever.
//
// Limits: exchanges are bounded by number and age, sessions by number, the kept
// cache by number and bytes. A disk that is full or read-only costs history, not
// answers. Space that deleted exchanges leave serves new ones; the file does not
// get smaller (a copy made by Backup is as small as it gets). What comes in a hurry
// takes some more space until it is calm (condense.go).
//
// Counts: each hour counts what happened in it, also what was deleted since because
// it was too old or too much; what a user deletes is not counted any more.
//
// Durability: what Append acknowledged is on the disk. What Record acknowledged is
// in the journal, or on the disk where that cannot be: it outlives the process, and
// of it a power cut takes the last tens of milliseconds. Every transaction is
// followed by fsync, which is what protects the file itself: without it the disk
// may write a transaction's pages in any order, and a power cut would leave a
// tree whose root names pages that were never written. What waits for fsync is
// shared: all exchanges that come while one transaction is under way make up the
// next one.
//
// Formats: a summary, what is packed of an answer, and an hour's counts each begin
// with a byte that names their format (summary_code.go, compress.go, hours.go). The
// list of words, how identifiers are taken out of answers, and the dictionary of
// the compression are part of the formats: words are only added, and another
// dictionary is another format.
//
// Versions: the file names its schema's version. An older one is brought up to
// date when it is opened, each step in a transaction of its own, so that one
// that fails changes nothing; a newer one is refused. There is no way back but a
// copy made before.
package store
