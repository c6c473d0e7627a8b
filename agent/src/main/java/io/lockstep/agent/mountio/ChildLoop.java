package io.lockstep.agent.mountio;

import io.lockstep.agent.posix.CallWatch;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * The child's side: reads calls until the parent's pipe ends. The thread that reads never touches the share, and neither
 * does the one that tells how far the calls are, so that a hang in a lane silences neither.
 */
public final class ChildLoop {
    /** Makes what answers, once the settings are there. */
    public interface Maker {
        /**
         * The service. It must not touch the share: nobody watches yet.
         *
         * @param probing hears of the calls of {@link ShareService#probe}
         * @param working hears of those of all others
         */
        ShareService make(ChildSettings settings, CallWatch probing, CallWatch working);
    }

    private final FrameReader in;
    private final FrameWriter out;
    private final Map<Lane, ChildLane> lanes = new EnumMap<>(Lane.class);
    private final Object activity = new Object();
    private volatile boolean isOver;

    private ChildLoop(InputStream in, OutputStream out) {
        this.in = new FrameReader(in);
        this.out = new FrameWriter(out);
    }

    /**
     * Serves until {@code in} ends. Threads that hang are still there on return: the caller ends the process.
     *
     * @param program this program's version
     * @throws IOException when the pipe breaks, or the parent is of another version
     */
    public static void run(InputStream in, OutputStream out, String program, Maker maker) throws IOException {
        new ChildLoop(in, out).run(program, maker);
    }

    private void run(String program, Maker maker) throws IOException {
        var first = in.read();
        if (first.isEmpty()) {
            return;
        }
        var message = new MessageInput(first.get().payload());
        var parent = first.get().type() == Frame.Type.HELLO ? Hello.read(message) : null;
        var own = Hello.of(program);
        if (!own.equals(parent)) {
            // The parent says what that means; all that is told here is who answers.
            hello(own);
            throw new MalformedFrameException("this is " + own + ", and what started it is " + parent);
        }
        serve(own, ChildSettings.read(message), maker);
    }

    private void serve(Hello own, ChildSettings settings, Maker maker) throws IOException {
        var probing = new CallSteps();
        var working = new CallSteps();
        var servant = new ShareServant(maker.make(settings, probing, working));
        lanes.put(Lane.PROBE, new ChildLane(Lane.PROBE, servant, probing, out, this::wake));
        lanes.put(Lane.WORK, new ChildLane(Lane.WORK, servant, working, out, this::wake));
        lanes.values().forEach(ChildLane::start);
        var pulse = new Thread(() -> pulse(settings.pulse().toMillis()), "pulse");
        pulse.setDaemon(true);
        pulse.start();
        hello(own);
        try {
            readCalls();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            isOver = true;
            wake();
        }
    }

    private void hello(Hello own) throws IOException {
        out.write(new Frame(Frame.Type.HELLO, 0, MessageOutput.bytesOf(own::write)));
    }

    private void readCalls() throws IOException, InterruptedException {
        var bodies = new HashMap<Integer, CallBody>();
        for (var frame = in.read(); frame.isPresent(); frame = in.read()) {
            take(frame.get(), bodies);
        }
    }

    private void take(Frame frame, Map<Integer, CallBody> bodies) throws IOException, InterruptedException {
        if (frame.type() == Frame.Type.BEGIN) {
            var operation = new MessageInput(frame.payload()).oneOf(Operation.class);
            var lane = lanes.get(operation.lane());
            if (lane == null || bodies.containsKey(frame.call())) {
                throw new MalformedFrameException("call " + frame.call() + " begins twice");
            }
            bodies.put(frame.call(), lane.begin(operation, frame.call()));
            return;
        }
        var body = bodies.get(frame.call());
        if (body == null || (frame.type() != Frame.Type.PART && frame.type() != Frame.Type.END)) {
            throw new MalformedFrameException(frame.type() + " for call " + frame.call() + ", which has not begun");
        }
        if (frame.type() == Frame.Type.END) {
            bodies.remove(frame.call());
        }
        body.add(frame);
    }

    private void wake() {
        synchronized (activity) {
            activity.notifyAll();
        }
    }

    /** Tells how far the active calls are, until the loop is over. */
    private void pulse(long millis) {
        try {
            while (!isOver) {
                synchronized (activity) {
                    while (!isOver && lanes.values().stream().noneMatch(ChildLane::isActive)) {
                        activity.wait();
                    }
                    activity.wait(Math.max(1, millis));
                }
                for (var lane : lanes.values()) {
                    lane.pulse();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // The parent does not read any more; the end of its own pipe ends this process.
            System.err.println("pulse ends: " + e);
        }
    }
}
