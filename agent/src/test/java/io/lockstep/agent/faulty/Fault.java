package io.lockstep.agent.faulty;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a mount does instead of its work.
 *
 * @param kind what it does
 * @param operations to which calls
 * @param below only to paths at or below this one, relative to the mount's root, such as {@code .lockstep}; empty for
 *     all
 */
public record Fault(Kind kind, Set<Operation> operations, String below) {
    /** How long {@link Kind#DELAY} takes. */
    public static final int DELAY_MILLIS = 50;

    /** What happens to a call. The errors have their numbers from errno(3). */
    public enum Kind {
        /** It does not answer until the fault is cleared, and is then done. */
        HANG(0),
        /** It is done {@link #DELAY_MILLIS} later. */
        DELAY(0),
        /** The file seems to end at half of its bytes: READ is short, STAT tells a smaller size. */
        TRUNCATE(0),
        EIO(5),
        EACCES(13),
        ENOSPC(28),
        EROFS(30),
        ENOTCONN(107),
        ESTALE(116);

        private final int errno;

        Kind(int errno) {
            this.errno = errno;
        }

        int errno() {
            return errno;
        }

        /** Whether the call answers, with an error. */
        public boolean isError() {
            return errno != 0;
        }
    }

    public Fault {
        operations = Set.copyOf(operations);
    }

    public static Fault of(Kind kind, Operation... operations) {
        return new Fault(kind, Set.copyOf(Arrays.asList(operations)), "");
    }

    public static Fault of(Kind kind, Set<Operation> operations) {
        return new Fault(kind, operations, "");
    }

    /** The same only at and below a path, relative to the mount's root. */
    public Fault below(String path) {
        return new Fault(kind, operations, path);
    }

    /** @param path as FUSE gives it: from the mount's root, with a slash before */
    boolean isFor(Operation operation, String path) {
        return operations.contains(operation)
                && (below.isEmpty() || path.equals("/" + below) || path.startsWith("/" + below + "/"));
    }

    /** One line of the daemon's input. */
    String text() {
        var names = operations.stream().sorted().map(Enum::name).toList();
        return kind + "\t" + String.join(",", names) + "\t" + below;
    }

    static Fault parse(String kind, String operations, String below) {
        var set = EnumSet.noneOf(Operation.class);
        for (var name : operations.split(",", -1)) {
            set.add(Operation.valueOf(name));
        }
        return new Fault(Kind.valueOf(kind), set, below);
    }
}
