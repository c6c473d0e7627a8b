package io.lockstep.agent.store;

import java.util.List;

/**
 * What is kept, or why it can't be told.
 */
public sealed interface KeptListing {
    /**
     * What is kept, newest generation first.
     *
     * @param entries as many as were asked for
     * @param undescribed kept content whose description can't be read, such as after a power loss; their places
     */
    record Listed(List<KeptEntry> entries, List<String> undescribed) implements KeptListing {
        public Listed {
            entries = List.copyOf(entries);
            undescribed = List.copyOf(undescribed);
        }
    }

    /** The directory can't be read. */
    record Unreadable(DiskFailure failure) implements KeptListing {}
}
