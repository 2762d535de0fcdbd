// Package store is the relay's memory: one bbolt file with the exchanges (each
// request and each try with its answer), the settings that operators edit, what
// the cache of Pulsedive's answers held, and the admin's password and sessions.
//
// It is the only package that knows bbolt. It knows nothing of HTTP, of tokens
// and of how answers are made; an exchange comes to it finished.
//
// Security: the file is of mode 0600. It holds secrets in one bucket of their
// own (the operator's Pulsedive key, the password's hash, the secret under which
// callers' keys are hashed) and sessions in another, under hashes of their
// tokens; copies made by Backup leave both out unless asked. Callers' keys and
// tokens are in no bucket, ever.
//
// Limits: exchanges are bounded by number and age, sessions by number, the kept
// cache by number and bytes. A disk that is full or read-only costs history, not
// answers. Space that deleted exchanges leave serves new ones; the file does not
// get smaller (a copy made by Backup is as small as it gets).
//
// Durability: what Append acknowledged is on the disk. Every transaction is
// followed by fsync, which is what protects the file itself: without it the disk
// may write a transaction's pages in any order, and a power cut would leave a
// tree whose root names pages that were never written. What waits for fsync is
// shared: all exchanges that come while one transaction is under way make up the
// next one.
//
// Versions: the file names its schema's version. An older one is brought up to
// date when it is opened, each step in a transaction of its own, so that one
// that fails changes nothing; a newer one is refused. There is no way back but a
// copy made before.
package store
