package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"

	"golang.org/x/crypto/bcrypt"

	"pulsedive-relay/store"
)

const (
	shortestPassword = 10
	longestPassword  = 72 // bytes: bcrypt hashes no more
)

// hashPassword refuses passwords that are too short or too long.
func hashPassword(password string) ([]byte, error) {
	switch {
	case len([]rune(password)) < shortestPassword:
		return nil, fmt.Errorf("a password has %d characters at least", shortestPassword)
	case len(password) > longestPassword:
		return nil, fmt.Errorf("a password has %d bytes at most", longestPassword)
	}
	return bcrypt.GenerateFromPassword([]byte(password), bcrypt.DefaultCost)
}

// SetPassword sets the password in the store while no relay runs, and ends all
// sessions.
func SetPassword(s *store.Store, password string) error {
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	return s.SetPassword(hash)
}

// SetPassword sets the password in the store, ends all sessions and forgets all
// wrong tries. It refuses where the process fixes the password.
func (a *Admin) SetPassword(password string) error {
	if a.access.pinned != nil {
		return fmt.Errorf("the relay that runs takes its password from %s; change it there", a.cfg.PasswordOrigin)
	}
	if err := SetPassword(a.cfg.Store, password); err != nil {
		return err
	}
	a.access.throttle.forget()
	return nil
}

// hash is that of the password that counts; nil: there is none.
func (a *access) hash() []byte {
	if a.pinned != nil {
		return a.pinned
	}
	hash, _ := a.cfg.Store.Password()
	return hash
}

func (a *access) hasPassword() bool { return len(a.hash()) > 0 }

// right says whether the password is the right one, and what its tag is.
func (a *access) right(password string) (tag string, ok bool) {
	hash := a.hash()
	return a.tagOf(hash), bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil
}

// tag stands for the password that counts now; empty: there is none.
func (a *access) tag() string { return a.tagOf(a.hash()) }

// tagOf is the tag of the password of a hash, until all sessions are ended: a
// request under way then cannot bring its own back. A pinned password is hashed
// anew at each start, so that its tag is made of the password itself.
func (a *access) tagOf(hash []byte) string {
	if len(hash) == 0 {
		return ""
	}
	h := hmac.New(sha256.New, a.cfg.Store.Secret())
	h.Write([]byte(a.cfg.Store.Era() + " "))
	if a.pinned != nil {
		h.Write([]byte("pinned " + a.cfg.Password))
	} else {
		h.Write(append([]byte("stored "), hash...))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// setupToken is the token of the link that sets the first password; empty where
// there is one.
func (a *access) setupToken() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hasPassword() {
		a.token = ""
	}
	return a.token
}

func (a *access) isSetupToken(token string) bool {
	want := a.setupToken()
	return want != "" && subtle.ConstantTimeCompare([]byte(token), []byte(want)) == 1
}

// setFirst sets the first password. Of several who try at once one does.
func (a *access) setFirst(token, password string) error {
	hash, err := hashPassword(password)
	if err != nil {
		return err
	}
	a.settingFirst.Lock()
	defer a.settingFirst.Unlock()
	if !a.isSetupToken(token) {
		return errSetup
	}
	return a.cfg.Store.SetPassword(hash)
}

// SetupPath is the path of the link that sets the first password, with its
// token; empty where there is a password.
func (a *Admin) SetupPath() string {
	if token := a.access.setupToken(); token != "" {
		return "/admin/setup?token=" + token
	}
	return ""
}
