package counter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openremit/remit"
)

// Device is one that a person's work at a counter is bound to, or waits to be.
type Device struct {
	// ID names it: dev_….
	ID   string `json:"id"`
	Name string `json:"name"`
	// Hash is of the secret that the device keeps.
	Hash    string    `json:"hash"`
	AskedAt time.Time `json:"asked_at"`
	// BoundAt is zero while a manager has not bound it; BoundBy is who did.
	BoundAt time.Time `json:"bound_at"`
	BoundBy string    `json:"bound_by,omitempty"`
}

// Bound reports whether the device may be used.
func (d Device) Bound() bool { return !d.BoundAt.IsZero() }

// PrefixDevice is the prefix of the ids of devices.
const PrefixDevice = "dev"

// The bounds of devices.
const (
	// minDeviceSecret is how long a device's secret is at least.
	minDeviceSecret = 26
	maxDeviceName   = 60
	// maxDevices is how many of a person are bound or wait.
	maxDevices = 5
)

// deviceHash is what is stored of a device's secret. The secret is random and
// long, so that its hash needs no key.
func deviceHash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// DeviceStand is what a device is to a person. The zero value is any device:
// the person may use whichever there is.
type DeviceStand string

// What a device may be.
const (
	DeviceAny DeviceStand = ""
	// DeviceBound may be used.
	DeviceBound DeviceStand = "bound"
	// DeviceUnknown may be asked to be bound: the person has none yet.
	DeviceUnknown DeviceStand = "unknown"
	// DeviceWaiting waits for a manager.
	DeviceWaiting DeviceStand = "waiting"
	// DeviceElsewhere is for who works on another one.
	DeviceElsewhere DeviceStand = "elsewhere"
)

func (d DeviceStand) usable() bool { return d == DeviceAny || d == DeviceBound }

// device tells what a device is to the person, by its secret. An outlet's rule
// is for its tellers: who approves at several counters is bound by their own.
func (st stand) device(secret string) DeviceStand {
	if !st.teller.BindDevice && !(st.outlet.BindDevices && st.teller.Role == RoleTeller) {
		return DeviceAny
	}
	hash := deviceHash(secret)
	found := DeviceUnknown
	for _, d := range st.teller.Devices {
		switch {
		case d.Hash == hash && d.Bound():
			return DeviceBound
		case d.Hash == hash:
			found = DeviceWaiting
		case d.Bound() && found == DeviceUnknown:
			found = DeviceElsewhere
		}
	}
	return found
}

// DeviceOf tells what a device is to a person who stands at an outlet.
func DeviceOf(t Teller, o Outlet, secret string) DeviceStand {
	return stand{teller: t, outlet: o}.device(secret)
}

// SetBinding lets a person, or the tellers of an outlet, work on bound devices
// only, or on any. Errors: not_found; forbidden.
func (s *Service) SetBinding(ctx context.Context, c Caller, teller TellerID, outlet OutletID, bind bool) error {
	facts := map[string]string{"bind": fmt.Sprint(bind)}
	var err error
	if teller != "" {
		_, err = s.changePerson(ctx, c, teller, "teller.bind_device", facts, func(_ context.Context, _ Tx, _ Rank, t *Teller) error {
			t.BindDevice = bind
			return nil
		})
	} else {
		_, err = s.changeOutlet(ctx, c, outlet, "outlet.bind_devices", facts, func(_ Rank, o *Outlet) error {
			o.BindDevices = bind
			return nil
		})
	}
	return err
}

// AskDevice asks for the caller's device to be bound. The same device again
// answers the same. Errors: invalid; forbidden with ReasonDeviceNotBound for who
// works on another one; those of a caller who may not work.
func (s *Service) AskDevice(ctx context.Context, c Caller, id, name string) (Device, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > maxDeviceName {
		return Device{}, remit.Invalid("name", remit.ReasonFieldRequired, "name the device, in at most %d characters", maxDeviceName)
	}
	if len(c.DeviceID) < minDeviceSecret {
		return Device{}, remit.Invalid("device_id", remit.ReasonFieldRequired, "the device keeps a secret of at least %d characters and sends it", minDeviceSecret)
	}
	var d Device
	err := s.store.AtCounter(ctx, func(ctx context.Context, tx Tx) error {
		at, err := s.stand(ctx, tx, c)
		if err = unless(err, append(slices.Clone(afterHours), remit.ReasonDeviceNotBound)...); err != nil {
			return err
		}
		t, hash := at.teller, deviceHash(c.DeviceID)
		if i := slices.IndexFunc(t.Devices, func(d Device) bool { return d.Hash == hash }); i >= 0 {
			d = t.Devices[i]
			return nil
		}
		if at.device(c.DeviceID) == DeviceElsewhere {
			return remit.Errorf(remit.KindForbidden, remit.ReasonDeviceNotBound, "this person works on another device; a manager removes that one first")
		}
		d = Device{ID: id, Name: name, Hash: hash, AskedAt: tx.Now()}
		t.Devices = append(slices.Clone(t.Devices), d)
		if len(t.Devices) > maxDevices {
			t.Devices = t.Devices[len(t.Devices)-maxDevices:]
		}
		return tx.PutTeller(ctx, t)
	})
	if err != nil {
		return Device{}, err
	}
	s.tell(ctx, c, "device.ask", d.ID, "", nil)
	return d, nil
}

// DecideDevice binds a device to a person, or removes it. Errors: not_found;
// forbidden, also for who would bind their own.
func (s *Service) DecideDevice(ctx context.Context, c Caller, teller TellerID, id string, approve bool) (Teller, error) {
	return s.changePerson(ctx, c, teller, "device.decide", map[string]string{"device": id, "approved": fmt.Sprint(approve)},
		func(_ context.Context, tx Tx, _ Rank, t *Teller) error {
			i := slices.IndexFunc(t.Devices, func(d Device) bool { return d.ID == id })
			switch {
			case i < 0 && !approve:
				return nil // Removed already.
			case i < 0:
				return remit.NotFound("device", id)
			}
			t.Devices = slices.Clone(t.Devices)
			if !approve {
				t.Devices = slices.Delete(t.Devices, i, i+1)
				return nil
			}
			if !t.Devices[i].Bound() {
				t.Devices[i].BoundAt, t.Devices[i].BoundBy = tx.Now(), c.Actor
			}
			return nil
		})
}
