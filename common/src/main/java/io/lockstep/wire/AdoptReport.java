package io.lockstep.wire;

import io.lockstep.cluster.NodeName;

/**
 * What a node makes of an operator's word that it gives up what it has: the answer of {@code POST /v1/adopt}.
 *
 * @param said what happens, in words
 */
public record AdoptReport(NodeName node, String said) {}
