package io.lockstep.mount;

/**
 * What the marker of a tree's share says.
 *
 * @param clusterId the cluster that the share belongs to
 * @param shareId which share it is: made at random when the share is marked, and registered in the decision log, so
 *     that a marker that somebody makes anew is another share's
 */
public record Marker(String clusterId, String shareId) {}
