package io.lockstep.agent.setup;

import io.lockstep.agent.setup.SetupJournal.Line;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Carries a plan out, and back, with a journal in the node's state directory. The agent does not run meanwhile. */
@SuppressWarnings("try") // What is opened keeps an agent from starting meanwhile, and is not used else.
public final class HostSetup {
    private static final int AGENT_ONLY = 0700;

    private final Path state;
    private final Checkpoint checkpoint;

    /** @param state the node's state directory */
    public HostSetup(Path state) {
        this(state, Checkpoint.NONE);
    }

    HostSetup(Path state, Checkpoint checkpoint) {
        this.state = state;
        this.checkpoint = checkpoint;
    }

    /**
     * Does what has not happened yet. When it ends early it may be called again, or undone.
     *
     * @throws IOException when a step fails; those before it are done
     */
    public void apply(HostPlan plan) throws IOException {
        if (!plan.obstacles().isEmpty()) {
            throw new IllegalArgumentException("this host is not as expected: " + plan.obstacles());
        }
        if (!Files.isDirectory(state)) {
            Files.createDirectories(Owned.above(state));
            Owned.directory(state, AGENT_ONLY, checkpoint);
        }
        try (var agent = withoutAgent();
                var journal = SetupJournal.open(state)) {
            for (var planned : plan.steps()) {
                apply(planned.step(), journal);
            }
            checkpoint.pass();
        }
    }

    private void apply(Step step, SetupJournal journal) throws IOException {
        var begun = journal.standing().stream()
                .filter(line -> line.step().equals(step))
                .findFirst();
        if (begun.isEmpty() && step.hasHappened()) {
            // A person did it, and setup does not undo it.
            return;
        }
        int number = begun.isPresent() ? begun.get().number() : journal.begin(step);
        checkpoint.pass();
        if (!step.hasHappened()) {
            step.apply(checkpoint);
        }
        checkpoint.pass();
        journal.done(number, step);
    }

    /** What {@link #undo} would undo, in that order. */
    public List<Step> undoable() throws IOException {
        var steps = new ArrayList<>(
                SetupJournal.standing(state).stream().map(Line::step).toList());
        Collections.reverse(steps);
        return steps;
    }

    /**
     * Undoes every step that was begun, the last first. When it ends early it may be called again.
     *
     * @return what was left, and why
     * @throws IOException when a step can't be undone; those after it are
     */
    public List<String> undo() throws IOException {
        var left = new ArrayList<String>();
        if (undoable().isEmpty()) {
            return left;
        }
        try (var agent = withoutAgent();
                var journal = SetupJournal.open(state)) {
            var standing = new ArrayList<>(journal.standing());
            Collections.reverse(standing);
            for (var line : standing) {
                // After a restart of the host; what was made beyond a bind is seen only by way of it.
                if (line.step() instanceof BindDirectory bind && bind.canHappen()) {
                    bind.apply(checkpoint);
                }
            }
            for (var line : standing) {
                checkpoint.pass();
                line.step().undo(checkpoint).ifPresent(left::add);
                checkpoint.pass();
                journal.undone(line.number(), line.step());
            }
        }
        return left;
    }

    /** Holds the lock that an agent with this state holds while it runs. */
    private FileChannel withoutAgent() throws IOException {
        var file = state.resolve("lock");
        boolean isNew = !Files.exists(file);
        var channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (isNew) {
                Owned.giveTo(file, state);
            }
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException heldByThisProcess) {
            // The answer is the same as for another process.
        } catch (IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        throw new IOException("an agent runs with the state directory " + state + ". Stop it: systemctl stop lockstep");
    }
}
