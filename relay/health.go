package relay

import (
	"context"
	"strconv"
	"time"

	"pulsedive-relay/relay/ctim"
	"pulsedive-relay/relay/pulsedive"
)

// Health is the answer to a health check.
type Health struct {
	// Err is why Pulsedive does not answer the caller, nil where it does.
	Err error
	Asked
}

// Health makes one call to Pulsedive with the caller's key.
func (r *Relay) Health(ctx context.Context, c Caller) Health {
	b := r.cfg.Pulsedive.Batch(c.Key, 0)
	defer b.Close()
	err := b.Health(ctx)
	if late(err) {
		err = pulsedive.ErrTimeout
	}
	return Health{Err: err, Asked: askedOf(b, nil)}
}

// reply is the answer's envelope. Beside an error there is data only where it tells
// more: a key's limits, of which one may be the reason.
//
// Differs: the relay before this one tells no limits.
func (h Health) reply() reply {
	status := "ok"
	if h.Err != nil {
		if status = "error"; len(h.Quotas) == 0 {
			return reply{}
		}
	}
	return reply{data: func(b []byte) []byte { return appendHealth(b, status, h.Quotas) }}
}

// appendHealth appends the member data of a health check.
func appendHealth(b []byte, status string, quotas []pulsedive.Quota) []byte {
	b = ctim.AppendString(append(b, `{"status":`...), status)
	if len(quotas) > 0 {
		b = append(b, `,"quotas":{`...)
		for i, q := range quotas {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendQuota(b, q)
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

// appendQuota appends one limit in XDR's form, which has no second: a limit a
// second is told as that of a minute.
func appendQuota(b []byte, q pulsedive.Quota) []byte {
	unit, limit := q.Period.String(), q.Limit
	if q.Period == pulsedive.Second {
		unit, limit = "minute", limit*60
	}
	b = ctim.AppendString(b, "pulsedive-"+q.Period.String())
	b = ctim.AppendString(append(b, `:{"description":`...), "Requests that the Pulsedive API key allows a "+q.Period.String())
	b = ctim.AppendString(append(b, `,"values":{"bucket_unit":`...), unit)
	b = strconv.AppendInt(append(b, `,"bucket_limit":`...), int64(limit), 10)
	if q.Left >= 0 {
		b = strconv.AppendInt(append(b, `,"current_bucket_consumption":`...), int64(q.Limit-q.Left), 10)
		b = strconv.AppendBool(append(b, `,"current_bucket_limit_reached":`...), q.Left == 0)
		b = q.Ends.AppendFormat(append(b, `,"current_bucket_end_time":"`...), time.RFC3339)
		b = append(b, '"')
	}
	return append(b, `}}`...)
}
