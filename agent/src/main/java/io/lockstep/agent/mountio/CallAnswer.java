package io.lockstep.agent.mountio;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/** The answer to one call, as the child gives it. For any number of threads. */
final class CallAnswer {
    private final FrameWriter out;
    private final int call;
    private final AtomicLong entries = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong parts = new AtomicLong();
    private boolean isOver;

    CallAnswer(FrameWriter out, int call) {
        this.out = out;
        this.call = call;
    }

    void part(byte[] payload) throws IOException {
        parts.incrementAndGet();
        out.write(Frame.Type.PART, call, payload, payload.length);
    }

    void progress(long moreEntries, long moreBytes) {
        entries.addAndGet(moreEntries);
        bytes.addAndGet(moreBytes);
    }

    long entries() {
        return entries.get();
    }

    long bytes() {
        return bytes.get();
    }

    /** Grows with whatever is done, besides the operating system's calls. */
    long moves() {
        return entries.get() + bytes.get() + parts.get();
    }

    /** Tells how far it is, unless it is over: nothing of a call comes after its end. */
    synchronized void pulse(Pulse pulse) throws IOException {
        if (!isOver) {
            out.write(new Frame(Frame.Type.PULSE, call, MessageOutput.bytesOf(pulse::write)));
        }
    }

    synchronized void end() throws IOException {
        isOver = true;
        out.write(new Frame(Frame.Type.END, call, Frame.NOTHING));
    }

    synchronized void refuse(String why) throws IOException {
        isOver = true;
        out.write(new Frame(Frame.Type.REFUSED, call, MessageOutput.bytesOf(text -> text.text(why))));
    }
}
