/**
 * Real rsync as the transport of files into a staging directory, over any byte stream that joins two agents.
 *
 * <p>One agent pulls ({@link io.lockstep.agent.rsync.RsyncPull}), another serves
 * ({@link io.lockstep.agent.rsync.RsyncServe}); both fix their own argument list, so that nothing a peer says becomes
 * an option or a path. Nothing here touches a live tree: what arrives lies in a staging directory until another package
 * has checked its digest and taken it.
 *
 * <p>May import {@code common}; no other package of the agent.
 */
@NullMarked
package io.lockstep.agent.rsync;

import org.jspecify.annotations.NullMarked;
