package io.lockstep.agent.cluster;

import io.lockstep.agent.faulty.Fault;
import io.lockstep.agent.faulty.Fault.Kind;
import io.lockstep.agent.faulty.Operation;
import io.lockstep.cluster.Reason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One fault of one operation at one site, and what the nodes must say of their mounts.
 *
 * @param target which calls it hits
 * @param reason what {@code /mount} says
 */
record FaultCase(Kind kind, Target target, Site site, Reason reason) {
    /** What a refused write may say of a mount that is good for reading. */
    private static final Set<Reason> READABLE = EnumSet.of(Reason.READ_ONLY, Reason.NO_SPACE, Reason.NO_PERMISSION);

    /** Where. */
    enum Site {
        WORKER,
        MANAGER,
        ALL
    }

    /** Which calls. The probe asks below {@code .lockstep}, the scan below the tree; either alone must be enough. */
    enum Target {
        /** Everything that the probe does. */
        PROBE(".lockstep", Operation.ALL),
        /** The probe's reads; a stat answers. */
        PROBE_READ(".lockstep", Set.of(Operation.READ)),
        /** Every call there is. */
        EVERYTHING("", Operation.ALL),
        READDIR("synapse-configs", Set.of(Operation.READDIR)),
        STAT("synapse-configs", Set.of(Operation.STAT)),
        OPEN("synapse-configs", Set.of(Operation.OPEN)),
        READ("synapse-configs", Set.of(Operation.READ)),
        /** What changes something: while SHARED the beacon alone. */
        WRITE("", Operation.CHANGES),
        /** What needs room. */
        GROWTH("", Operation.GROWTH);

        private static final Set<Target> OF_TREE = EnumSet.of(READDIR, STAT, OPEN, READ);

        private final String below;

        @SuppressWarnings("ImmutableEnumChecker") // An unmodifiable copy.
        private final Set<Operation> operations;

        Target(String below, Set<Operation> operations) {
            this.below = below;
            this.operations = Set.copyOf(operations);
        }

        /** The scan opens only what it has not read before. */
        boolean needsNewContent() {
            return this == OPEN || this == READ;
        }
    }

    List<Fault> faults() {
        return List.of(new Fault(kind, target.operations, target.below));
    }

    boolean onNewContent() {
        return target.needsNewContent();
    }

    boolean isHang() {
        return kind == Kind.HANG;
    }

    /** Whether the mount is lost; else it is good for reading at least. */
    boolean isLost() {
        boolean isWrite = target == Target.WRITE || target == Target.GROWTH;
        return reason != Reason.OK && !(isWrite && READABLE.contains(reason));
    }

    /** Whether the node must say that it does not know all that the mount shows. */
    boolean hidesEntries() {
        return reason == Reason.OK && kind.isError();
    }

    /** A choice in which every kind, target and site occurs; or every combination that there can be. */
    static Stream<FaultCase> all(boolean everything) {
        if (everything) {
            var cases = new ArrayList<FaultCase>();
            for (var kind : EnumSet.allOf(Kind.class)) {
                for (var target : Target.values()) {
                    for (var site : Site.values()) {
                        if (isPossible(kind, target)) {
                            cases.add(of(kind, target, site));
                        }
                    }
                }
            }
            return cases.stream();
        }
        return Stream.of(
                of(Kind.HANG, Target.PROBE, Site.WORKER),
                of(Kind.HANG, Target.PROBE_READ, Site.MANAGER),
                of(Kind.HANG, Target.EVERYTHING, Site.ALL),
                of(Kind.HANG, Target.READDIR, Site.WORKER),
                of(Kind.HANG, Target.STAT, Site.MANAGER),
                of(Kind.HANG, Target.OPEN, Site.ALL),
                of(Kind.HANG, Target.WRITE, Site.WORKER),
                of(Kind.EIO, Target.PROBE, Site.ALL),
                of(Kind.EIO, Target.READDIR, Site.WORKER),
                of(Kind.EIO, Target.STAT, Site.MANAGER),
                of(Kind.EIO, Target.READ, Site.ALL),
                of(Kind.EIO, Target.WRITE, Site.WORKER),
                of(Kind.ESTALE, Target.PROBE, Site.MANAGER),
                of(Kind.ESTALE, Target.READDIR, Site.ALL),
                of(Kind.ENOTCONN, Target.EVERYTHING, Site.WORKER),
                of(Kind.EACCES, Target.PROBE, Site.WORKER),
                of(Kind.EACCES, Target.READDIR, Site.WORKER),
                of(Kind.EACCES, Target.WRITE, Site.MANAGER),
                of(Kind.EROFS, Target.WRITE, Site.ALL),
                of(Kind.ENOSPC, Target.GROWTH, Site.MANAGER),
                of(Kind.TRUNCATE, Target.PROBE, Site.WORKER),
                of(Kind.TRUNCATE, Target.READ, Site.ALL),
                of(Kind.DELAY, Target.PROBE, Site.ALL));
    }

    private static boolean isPossible(Kind kind, Target target) {
        return switch (kind) {
            case EROFS -> target == Target.WRITE;
            case ENOSPC -> target == Target.GROWTH;
            case TRUNCATE -> target == Target.PROBE || target == Target.PROBE_READ || target == Target.READ;
            case DELAY -> target != Target.EVERYTHING && target != Target.GROWTH;
            default -> target != Target.GROWTH;
        };
    }

    private static FaultCase of(Kind kind, Target target, Site site) {
        return new FaultCase(kind, target, site, isFelt(kind, target) ? reason(kind) : Reason.OK);
    }

    /** Whether it says anything of the mount; if not it is one file's, or nothing at all. */
    private static boolean isFelt(Kind kind, Target target) {
        return switch (kind) {
            case HANG -> true;
            case DELAY -> false;
            // The agent's user may lack a permission that the Gateway's user has.
            case EACCES -> !Target.OF_TREE.contains(target);
            default -> target != Target.OPEN && target != Target.READ;
        };
    }

    private static Reason reason(Kind kind) {
        return switch (kind) {
            case HANG -> Reason.SHARE_HUNG;
            case DELAY -> Reason.OK;
            // A marker or a beacon that is not whole proves nothing.
            case EIO, TRUNCATE -> Reason.SHARE_IO_ERROR;
            case EACCES -> Reason.NO_PERMISSION;
            case ENOSPC -> Reason.NO_SPACE;
            case EROFS -> Reason.READ_ONLY;
            case ENOTCONN -> Reason.NOT_CONNECTED;
            case ESTALE -> Reason.STALE_HANDLE;
        };
    }

    @Override
    public String toString() {
        return (kind + " of " + target + " on " + site).toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
