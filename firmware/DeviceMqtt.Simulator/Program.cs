Console.WriteLine("DeviceMqtt simulator");
