// Package store is the relay's memory: one bbolt file with the exchanges (each
// request and each try with its answer), the settings that operators edit, what
// the cache of Pulsedive's answers held, and the admin's password and sessions.
//
// It is the only package that knows bbolt. It knows nothing of HTTP, of tokens
// and of how answers are made; an exchange comes to it finished.
//
// Security: the file is of mode 0600. It holds secrets in one bucket of their
// own (the operator's Pulsedive key, the password's hash, the secret under which
// callers' keys are hashed) and sessions in another; copies made by Backup leave
// both out unless asked. Callers' keys and tokens are in no bucket, ever.
//
// Limits: exchanges are bounded by number and age, sessions by number, the kept
// cache by bytes. A disk that is full or read-only costs history, not answers.
package store
