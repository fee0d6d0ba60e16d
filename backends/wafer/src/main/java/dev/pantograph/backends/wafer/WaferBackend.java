package dev.pantograph.backends.wafer;

import dev.pantograph.dataflow.Wafer;
import dev.pantograph.spi.Backend;
import dev.pantograph.spi.DelegatingBackend;
import dev.pantograph.spi.DeviceModel;

/** Runs every kernel on another backend, and says what it would take on a wafer. */
final class WaferBackend extends DelegatingBackend {
  private final WaferModel model;

  WaferBackend(Backend computing, Wafer wafer) {
    super(computing);
    model = new WaferModel(wafer);
  }

  @Override
  public String id() {
    return WaferBackendProvider.ID;
  }

  @Override
  public DeviceModel deviceModel() {
    return model;
  }
}
