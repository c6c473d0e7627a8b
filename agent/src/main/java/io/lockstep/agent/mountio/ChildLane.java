package io.lockstep.agent.mountio;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** One lane of the child: answers its calls one after the other, on a thread of its own that may hang with the share. */
final class ChildLane {
    /** Answers calls. */
    interface Answering {
        /** Reads the body and writes the answer's parts. */
        void answer(Operation operation, MessageInput body, CallAnswer answer) throws IOException;
    }

    private final Lane lane;
    private final Answering answering;
    private final FrameWriter out;
    private final CallSteps steps;
    private final Runnable whenActive;
    /** The parent starts a call only when it has the answer to the one before, so that one is the most. */
    private final BlockingQueue<Begun> begun = new ArrayBlockingQueue<>(1);

    private volatile Optional<CallAnswer> active = Optional.empty();
    private long question;

    private record Begun(Operation operation, int call, CallBody body) {}

    /**
     * A lane without a thread yet.
     *
     * @param steps knows which calls the answering is in
     * @param whenActive called when there is something to tell of
     */
    ChildLane(Lane lane, Answering answering, CallSteps steps, FrameWriter out, Runnable whenActive) {
        this.lane = lane;
        this.answering = answering;
        this.steps = steps;
        this.out = out;
        this.whenActive = whenActive;
    }

    void start() {
        var thread = new Thread(this::run, "lane-" + lane.name().toLowerCase(Locale.ROOT));
        thread.setDaemon(true);
        thread.start();
    }

    /** Takes a call; its body follows. */
    CallBody begin(Operation operation, int call) throws MalformedFrameException {
        var body = new CallBody();
        if (!begun.offer(new Begun(operation, call, body))) {
            throw new MalformedFrameException("call " + call + " comes before the last one was answered");
        }
        return body;
    }

    private void run() {
        try {
            while (true) {
                answer(begun.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // The parent does not read any more; the end of its own pipe ends this process.
            System.err.println("lane " + lane + " ends: " + e);
        }
    }

    private void answer(Begun call) throws IOException {
        var answer = new CallAnswer(out, call.call());
        active = Optional.of(answer);
        whenActive.run();
        try {
            answering.answer(call.operation(), new MessageInput(call.body()), answer);
            call.body().drain();
        } catch (IOException | RuntimeException e) {
            // Standard error is the child's log: the parent has it in its own.
            e.printStackTrace();
            call.body().drain();
            active = Optional.empty();
            answer.refuse(call.operation().text() + ": " + e);
            return;
        }
        active = Optional.empty();
        answer.end();
    }

    boolean isActive() {
        return active.isPresent();
    }

    /** Tells how far the call is, if there is one. For one thread. */
    void pulse() throws IOException {
        var answer = active;
        if (answer.isPresent()) {
            var step = steps.oldest(++question);
            var pulse = new Pulse(
                    step == null ? 0 : step.id(),
                    steps.calls() + answer.get().moves(),
                    answer.get().entries(),
                    answer.get().bytes(),
                    step == null ? "" : step.text());
            answer.get().pulse(pulse);
        }
    }
}
