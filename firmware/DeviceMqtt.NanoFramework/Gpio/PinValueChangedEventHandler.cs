namespace System.Device.Gpio;

/// <summary>Hears of an edge, on the runtime's event thread.</summary>
public delegate void PinValueChangedEventHandler(object sender, PinValueChangedEventArgs e);
