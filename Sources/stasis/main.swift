print("stasis")
