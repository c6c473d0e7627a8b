package io.lockstep.agent.mountio;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.NameBuffer;
import io.lockstep.agent.posix.Place;
import io.lockstep.artifact.EntryPath;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Knows which call each thread is in. The threads that make calls write a few fields and never wait; one other thread
 * asks, as often as it likes.
 */
final class CallSteps implements CallWatch {
    private final ThreadLocal<Slot> mine = ThreadLocal.withInitial(this::newSlot);
    private final List<Slot> slots = new ArrayList<>();
    private long nextNumber;
    /** The calls of threads that have ended. */
    private long callsOfEnded;

    /** One thread's call. Odd numbers are calls that last, and its other fields hold still as long as it does. */
    private static final class Slot {
        private static final int SHIFT = 40;

        private final Thread thread = Thread.currentThread();
        private final long number;
        private final AtomicLong serial = new AtomicLong();
        private final byte[] name = new byte[EntryPath.MAX_NAME_BYTES];
        private String operation = "";
        private @Nullable Place place;
        private int nameLength;
        // Only for the thread that asks: since which question the call has lasted.
        private long seenSerial;
        private long seenAt;

        Slot(long number) {
            this.number = number;
        }

        void begin(String what, Place where, int length) {
            operation = what;
            place = where;
            nameLength = length;
            serial.setRelease(serial.getPlain() + 1);
        }

        void end() {
            serial.setRelease(serial.getPlain() + 1);
            // What the next call writes must not be seen before this one has ended.
            VarHandle.storeStoreFence();
        }

        long calls() {
            return serial.getAcquire() >> 1;
        }

        /** The call that lasts; null when none does, or it has just ended. */
        @Nullable
        Step step() {
            long before = serial.getAcquire();
            if ((before & 1) == 0) {
                return null;
            }
            var where = place;
            var text = operation + " of " + where;
            if (nameLength > 0) {
                text += "/" + printable(Arrays.copyOf(name, nameLength));
            }
            VarHandle.acquireFence();
            return serial.getPlain() == before && where != null ? new Step(number << SHIFT | before, text) : null;
        }

        private static String printable(byte[] name) {
            try {
                return EntryPath.ofBytes(name).toString();
            } catch (IllegalArgumentException torn) {
                // The call has ended meanwhile, and the text with it.
                return "";
            }
        }
    }

    /**
     * A call that lasts.
     *
     * @param id of this one call, never 0
     */
    record Step(long id, String text) {}

    private Slot newSlot() {
        synchronized (slots) {
            var slot = new Slot(++nextNumber);
            slots.add(slot);
            return slot;
        }
    }

    @Override
    public void begins(String operation, Place place) {
        mine.get().begin(operation, place, 0);
    }

    @Override
    public void begins(String operation, Place place, byte[] name) {
        var slot = mine.get();
        int length = Math.min(name.length, slot.name.length);
        System.arraycopy(name, 0, slot.name, 0, length);
        slot.begin(operation, place, length);
    }

    @Override
    public void begins(String operation, Place place, NameBuffer name) {
        var slot = mine.get();
        name.copyName(slot.name, 0);
        slot.begin(operation, place, name.nameLength());
    }

    @Override
    public void ended() {
        mine.get().end();
    }

    /** How many calls have ended. */
    long calls() {
        synchronized (slots) {
            slots.removeIf(slot -> {
                boolean gone = !slot.thread.isAlive();
                callsOfEnded += gone ? slot.calls() : 0;
                return gone;
            });
            return callsOfEnded + slots.stream().mapToLong(Slot::calls).sum();
        }
    }

    /**
     * The call that has lasted the longest, as far as earlier questions saw; null when no thread is in one. For one
     * thread.
     *
     * @param question grows from one question to the next
     */
    @Nullable
    Step oldest(long question) {
        Step oldest = null;
        long oldestSince = Long.MAX_VALUE;
        synchronized (slots) {
            for (var slot : slots) {
                var step = slot.step();
                if (step != null) {
                    if (slot.seenSerial != step.id()) {
                        slot.seenSerial = step.id();
                        slot.seenAt = question;
                    }
                    if (slot.seenAt < oldestSince) {
                        oldestSince = slot.seenAt;
                        oldest = step;
                    }
                }
            }
        }
        return oldest;
    }
}
