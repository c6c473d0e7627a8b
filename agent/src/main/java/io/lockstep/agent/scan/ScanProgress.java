package io.lockstep.agent.scan;

/** Hears how far a scan is, for a progress bar. Called some hundred entries or some megabytes apart, by any thread. */
@FunctionalInterface
public interface ScanProgress {
    /** Hears nothing. */
    ScanProgress NONE = (entries, bytesRead) -> {};

    /**
     * So much is done since the scan's start.
     *
     * @param entries names looked at, those that the filter leaves out as well
     * @param bytesRead bytes read from files to compute digests
     */
    void done(long entries, long bytesRead);
}
