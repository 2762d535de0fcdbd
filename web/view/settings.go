package view

import "strings"

// field is the setting's field with what stands below it.
func (s SettingView) field() FieldView {
	f := s.Field
	if s.Key != nil || s.Changed {
		f.More = settingMore(s)
	}
	return f
}

// size is how large the file is, where that can be told.
func (b BackupView) size() string {
	if b.Bytes < 0 {
		return "of unknown size"
	}
	return Bytes(b.Bytes) + " at most"
}

// shellQuoted is a path for a shell: in quotes where it needs them.
func shellQuoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:@%", r))
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
