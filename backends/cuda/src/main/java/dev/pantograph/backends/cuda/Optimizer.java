package dev.pantograph.backends.cuda;

import dev.pantograph.spi.AdamW;
import java.util.List;

/** AdamW for many parameters at a launch, whose description travels with the arguments. */
final class Optimizer {
  private static final int SLOTS = 40;
  private static final int SLOT_WORDS = 11;
  private static final long RUN = 1 << 13;
  private static final int THREADS = 256;
  /** There is no rounded copy of the value. */
  private static final long NONE = 0;

  private final Launcher launcher;

  Optimizer(Launcher launcher) {
    this.launcher = launcher;
  }

  void run(AdamW k) {
    List<AdamW.Slot> slots = k.slots().stream().filter(slot -> slot.value().elements() > 0).toList();
    for (int first = 0; first < slots.size(); first += SLOTS) {
      update(k, slots.subList(first, Math.min(first + SLOTS, slots.size())));
    }
  }

  private void update(AdamW k, List<AdamW.Slot> slots) {
    launcher.begin(Source.ADAMW, "adamw", k.control().type()).beginStructure().add((long) slots.size());
    long block = 0;
    for (AdamW.Slot slot : slots) {
      launcher.view(slot.value()).view(slot.gradient()).view(slot.firstMoment()).view(slot.secondMoment()).add(NONE)
          .add(slot.value().elements()).add(block).add(slot.learningRateScale()).add(slot.weightDecay())
          .add(slot.epsilon()).add(slot.decay() == AdamW.Decay.INDEPENDENT);
      block += Math.ceilDiv(slot.value().elements(), RUN);
    }
    launcher.endStructure((1 + SLOTS * SLOT_WORDS) * Long.BYTES).view(k.control()).view(k.squaredGradientNorm())
        .add(k.maxGradientNorm()).add(k.beta1()).add(k.beta2()).blocks(block, THREADS);
  }
}
