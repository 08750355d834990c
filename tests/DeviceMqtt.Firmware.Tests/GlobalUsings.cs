global using DeviceMqtt.Device;
global using DeviceMqtt.Device.Tests;
